"""What can be wrong, and what is by the rows of a saga or of a stream; pure Python."""

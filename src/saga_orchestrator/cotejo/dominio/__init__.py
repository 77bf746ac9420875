"""The kinds of findings, and the judgement of a saga's or a stream's rows; pure Python."""

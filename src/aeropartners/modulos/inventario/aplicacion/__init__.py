"""The messages that stock handles."""

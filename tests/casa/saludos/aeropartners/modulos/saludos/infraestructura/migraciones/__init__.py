"""Of the toy module."""

"""A system more, in a copy of the tree: its folders and one line."""

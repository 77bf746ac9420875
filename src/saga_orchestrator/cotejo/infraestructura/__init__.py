"""The tables as the ports have them: read-only snapshots, page by page; and the mark in a file."""

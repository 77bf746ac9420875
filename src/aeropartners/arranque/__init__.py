"""The only composition root: configuration, wiring, processes and the command line."""

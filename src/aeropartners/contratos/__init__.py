"""The wire format: commands, replies and public events, one file a module."""

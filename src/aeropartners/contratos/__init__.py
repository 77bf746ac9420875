"""The wire: commands, replies and public events, one file a module."""

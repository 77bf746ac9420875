"""Handlers of commands and events."""

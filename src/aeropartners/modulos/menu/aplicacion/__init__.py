"""Handlers of commands."""

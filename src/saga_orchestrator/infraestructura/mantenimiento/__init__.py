"""Definitions that are in use, retention, and the rows of sagas made again from their events."""

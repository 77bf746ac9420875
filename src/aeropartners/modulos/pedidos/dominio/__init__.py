"""Aggregates, events and rules; pure Python."""

"""Adapters of the cotejo's ports: read-only snapshots of the tables, and the mark in a file."""

"""Read tables, queries and the REST API."""

"""The four tables, queries over them, and the REST API."""

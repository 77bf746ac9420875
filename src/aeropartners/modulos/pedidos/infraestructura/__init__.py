"""The read tables, the queries and the REST API."""

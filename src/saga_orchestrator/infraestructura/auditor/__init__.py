"""The auditor's reading of the tables: read-only snapshots, page by page."""

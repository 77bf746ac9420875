"""Partners: their data, their verification and their integrations."""

"""HTTP servers of a process: connections, TLS, authentication, and calls to other services."""

"""HTTP servers of a process: connections, TLS, who gets in, and how neighbours are reached."""

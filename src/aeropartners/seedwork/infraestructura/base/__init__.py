"""The database: its connections, the two dialects behind one interface, tables and types; no rule of ours."""

"""The database: connections, tables, types, and the two SQL dialects behind one interface."""

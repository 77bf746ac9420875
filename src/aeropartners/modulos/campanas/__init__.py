"""The module `campanas`: its hexagon, and the table in `modulo`."""

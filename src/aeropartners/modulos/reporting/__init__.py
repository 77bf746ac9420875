"""The module `reporting`: its hexagon, and the table in `modulo`."""

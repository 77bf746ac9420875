"""The module `pagos`: its hexagon, and the table in `modulo`."""

"""The module `pagos`: a hexagon, with its table in `modulo`."""

"""The module `reporting`: a hexagon, with its table in `modulo`."""

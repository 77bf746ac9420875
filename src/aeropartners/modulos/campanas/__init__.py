"""The module `campanas`: a hexagon, with its table in `modulo`."""

"""Building blocks of the domain layer, without I/O: aggregates, values and errors."""

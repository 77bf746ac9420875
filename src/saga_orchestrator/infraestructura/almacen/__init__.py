"""How sagas are stored: state rows, events, rows of steps, totals, read tables of systems."""

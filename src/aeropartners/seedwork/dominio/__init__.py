"""Pure building blocks: aggregates, values and errors."""

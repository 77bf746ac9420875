"""The orders of the coffee shop."""

"""The coffee shop's stock: its variant, and what its API shows of it."""

"""The saga of the coffee shop's orders: its definition, words, edge, and REST API (contract 000)."""

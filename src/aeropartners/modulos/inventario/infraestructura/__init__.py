"""How a variant of stock is stored."""

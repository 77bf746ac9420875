"""Who calls: API keys, tokens and their keys, and the bounded calls to whoever issues them."""

"""Authentication: API keys, JWT and their public keys, and bounded calls to their issuer."""

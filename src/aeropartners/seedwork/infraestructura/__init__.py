"""Adapters: databases, brokers, the web and what is observed."""

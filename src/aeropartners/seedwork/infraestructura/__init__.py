"""Adapters of the ports: databases, brokers, HTTP, security, and the operation of a system."""

"""The brokers behind the messaging ports: Pulsar, and an embedded broker over SQLite."""

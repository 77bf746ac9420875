"""Pulsar and the embedded broker, behind the ports of messaging."""

"""Settings: variables as data, what they may hold, ports, and the one place that reads the environment."""

"""Settings: variables as data, readers of their values, ports, and the only reader of the environment."""

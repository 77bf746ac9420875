"""The routes that every service has: health, metrics, root, audit and cleanup."""

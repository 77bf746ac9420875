"""The toy module: what was said."""

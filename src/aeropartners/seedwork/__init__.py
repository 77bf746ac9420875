"""The platform under every module: building blocks, loops and adapters; it knows no business word."""

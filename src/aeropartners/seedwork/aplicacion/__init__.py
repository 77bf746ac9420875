"""The application layer of every module: messages, ports, and the loops that run over the ports."""

"""Messages, ports and the loops that run over them."""

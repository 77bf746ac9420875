"""What runs in a process: threads and their loops, the watch over them, census, metrics, log."""

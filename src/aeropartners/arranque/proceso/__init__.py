"""What runs in a process: threads and loops, their guardian, census, metrics and log."""

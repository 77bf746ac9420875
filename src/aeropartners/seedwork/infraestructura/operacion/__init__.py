"""What operators need of a running system: upkeep, register of processes, dead letters, metrics."""

"""What keeps a system running and tells how it runs: upkeep, census, dead letters, metrics."""

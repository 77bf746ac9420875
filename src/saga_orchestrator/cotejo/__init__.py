"""The cotejo: the search for lost, doubled, orphaned and stuck effects, by reading the tables only."""

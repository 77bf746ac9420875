"""Stock and reservations, and their rules."""

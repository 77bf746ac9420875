"""Stock: what is there, what is reserved, and the reservations; several systems have a variant each."""

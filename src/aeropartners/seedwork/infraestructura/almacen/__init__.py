"""How streams are stored in one transaction: events, read tables, inbox, outbox, audit, idempotency keys."""

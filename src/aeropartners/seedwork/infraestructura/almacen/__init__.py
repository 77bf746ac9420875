"""How streams are stored in one transaction: events, read rows, inbox, outbox, audit, idempotency keys."""

"""The loops of a process and what one round of each does: consumer, writer, timers, caller, relay."""

"""The loops of a process and what each round does: consumer, writer, timers, caller, publisher and relay."""

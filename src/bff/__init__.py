"""The outside's REST: checks the form, forwards to the orchestrator, stores nothing."""

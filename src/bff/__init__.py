"""The public REST API: checks the form of a request, forwards it to the orchestrator, stores nothing."""

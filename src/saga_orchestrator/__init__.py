"""The orchestrator: sagas as data, a pure engine, and the four tables that record everything."""

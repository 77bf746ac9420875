"""The sagas of each system, a folder each; no folder imports another, and the engine imports none."""

"""What belongs to the sagas of one system, a folder each; no folder imports another, and the engine none."""

"""The tests' fakes, one a port; each file is named as that of the port's real adapters, or as its noun."""

"""The business modules: each folder is a hexagon, and no module imports another."""

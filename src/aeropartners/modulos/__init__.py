"""Business modules: each folder is a hexagon, none imports another."""

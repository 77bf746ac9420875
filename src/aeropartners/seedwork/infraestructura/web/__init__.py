"""HTTP: application factory, error bodies, schemas, health and writes through the batch machine."""

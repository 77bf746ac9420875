"""HTTP: the application factory, access, error bodies, schemas, OpenAPI, health, and writes as batches."""

"""The four tables of the sagas, the queries over them, and the REST API."""

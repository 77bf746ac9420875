"""The OpenAPI document of an application, its operations, and the page that shows it."""

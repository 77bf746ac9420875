"""The engine: definitions, the saga, and what it decides; pure Python."""

"""Rounds over what is new and what is old, suspicions until they are sure, and the ports that are read."""

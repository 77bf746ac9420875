"""Aeropartners: a CQRS and event-sourced platform on which sagas end well every time."""

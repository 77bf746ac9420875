"""Handlers: start, replies, deadlines and the orders of an operator."""

"""Handlers of the orchestrator: the start of a saga, replies, due deadlines and the orders of an operator."""

"""Totals by checkpoint: what streams contribute, and the loop that counts it."""

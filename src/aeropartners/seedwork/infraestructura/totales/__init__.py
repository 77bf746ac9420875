"""Totals over streams: what each stream contributes, and the loop that adds it up."""

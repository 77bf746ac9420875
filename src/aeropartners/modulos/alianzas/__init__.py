"""Alliances: contracts with partners, and the compliance rules that decide them."""

"""Alliances: contracts with partners, decided by compliance rules."""

"""Campaigns (contract 001): campaigns, payments and reports, one saga over the three."""

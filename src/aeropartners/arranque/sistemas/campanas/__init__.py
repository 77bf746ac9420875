"""The system campanas (contract 001): campaigns, payments and reports, and the saga over the three."""

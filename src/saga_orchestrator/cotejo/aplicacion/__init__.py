"""The rounds of the cotejo, its suspicions and statements, and the ports that it reads."""

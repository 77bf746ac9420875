"""Who may do what: keys and tokens, roles, login limits, browsers, and the audit of what was done."""

"""The machine that every module stands on; no business word lives here."""

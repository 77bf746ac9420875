"""What commands say and ask: screens, requests to the operator's REST, their settings, their language."""

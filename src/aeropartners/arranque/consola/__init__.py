"""What the terminal's commands share: screens, requests to the operator's REST API, click in Spanish."""

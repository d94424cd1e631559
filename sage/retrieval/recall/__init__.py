"""Select what a session receives without asking: its project's exchanges, and hits of a prompt."""

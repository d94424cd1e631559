"""What a client is told at an event: what was recalled, and what went wrong."""

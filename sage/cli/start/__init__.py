"""Start Sage on a data directory: the claim on it, and the processes that serve it."""

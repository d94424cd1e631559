"""How hooks reach Sage: a request within a deadline, and how long to wait after one that failed."""

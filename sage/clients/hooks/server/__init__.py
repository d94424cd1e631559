"""The connection of hooks to Sage: requests with deadlines, and a backoff after failures."""

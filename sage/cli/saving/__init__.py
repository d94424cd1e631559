"""`sage save`: long conversations in parts, and the wait for their vectors."""

"""`sage save`: long conversations part by part, and the wait for their vectors."""

"""What Sage counts and measures while it serves, for Prometheus: knows nothing of Sage itself."""

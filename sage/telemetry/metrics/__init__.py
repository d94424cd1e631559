"""The metrics of a server, for Prometheus; independent of the rest of Sage."""

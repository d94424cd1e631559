"""Logs, metrics and traces: what a Sage that runs tells about itself."""

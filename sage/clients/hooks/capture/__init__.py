"""Capture: events are written to the spool, and a separate process sends them to Sage."""

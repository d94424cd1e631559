"""Capture events: they are written to the spool, and a separate process sends them to Sage."""

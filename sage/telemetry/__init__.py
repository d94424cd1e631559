"""Logs, metrics and traces of a running Sage."""

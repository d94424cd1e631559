"""Connections to PostgreSQL: how they are opened, as whom, for which spaces, and lent."""

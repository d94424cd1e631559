"""Connections to PostgreSQL: how they are opened, with which role, for which spaces, and pooled."""

"""Sage measures itself: what it finds, and how fast, beside floors of the same run."""

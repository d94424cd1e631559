"""Recognize preferences, working rules and decisions by their wording."""

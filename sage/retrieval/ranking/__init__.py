"""Candidates in order: the evidence read for a question, signals of it, and their weighted sum."""

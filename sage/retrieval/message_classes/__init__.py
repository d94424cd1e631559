"""Tells questions, requests, answers and empty talk apart from what states something.

`classing.classes_of` classes the messages of a session by rules.
"""

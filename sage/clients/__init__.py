"""The part of Sage that runs beside AI clients: connections, hooks, and importers.

It runs without the rest of Sage: besides `sage.domain.text` and `sage.errors` it imports only the
standard library.
"""

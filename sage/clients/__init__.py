"""The part of Sage that runs with AI clients: connections, hooks, and readers of other programs.

It runs where there is nothing else of Sage: with `sage.domain.text` and `sage.errors` it imports
the standard library alone.
"""

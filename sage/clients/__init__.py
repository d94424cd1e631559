"""What runs beside an AI client: connects it, runs its hooks, reads what programs wrote down.

It runs where there is nothing else of Sage: with `sage.domain.text` and `sage.errors` it imports
the standard library alone.
"""

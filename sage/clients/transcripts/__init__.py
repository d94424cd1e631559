"""Read the transcripts of AI clients, with the standard library alone.

Hooks capture from them and importers read them completely: both produce the same ids and texts.
"""

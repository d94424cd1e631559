"""Read the transcripts that AI clients write, with the standard library alone.

Hooks capture from them and importers read them whole: both get the same ids and the same text.
"""

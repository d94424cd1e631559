"""Texts that a model reads: fenced as data, within a bound of tokens, as a list or for a prompt."""

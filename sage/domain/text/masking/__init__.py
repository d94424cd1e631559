"""Masks secrets: keys, tokens, passwords and private keys in text that is to be stored.

`rules` lists the patterns in order of precedence; `masked` applies them. The modules import nothing
slow, because hooks use them.
"""

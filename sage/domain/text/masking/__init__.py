"""Masks secrets: keys, tokens, passwords and private keys in text that is to be stored.

`rules` lists what is recognized, in the order in which a kind is chosen; `masked` applies it. The
modules import nothing slow, because hooks use them.
"""

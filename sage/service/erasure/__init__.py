"""Permanent deletion from every table and index, with a signed receipt; and expiry by retention."""

"""How much is kept of one message: all of it, or its beginning and its end, as people wish.

Hooks and imports of what clients keep take the same text, so that the latter add nothing.
"""

from __future__ import annotations

from sage.clients.hooks.settings import max_chars
from sage.domain.text.abridging import abridged


def as_captured(text: str) -> str:
    """Return the text of a message as capture keeps it, which may be split then."""
    most = max_chars()
    return text if most is None else abridged(text, most)

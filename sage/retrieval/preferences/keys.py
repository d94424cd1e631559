"""Keys in the full-text index for messages with preferences and decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.recall import Stated
from sage.retrieval.preferences.decisions import DECISION_TERMS, changes_in, decisions_in
from sage.retrieval.preferences.stated import PREFERENCE_TERMS, preferences_in
from sage.retrieval.text.lexemes import tsvector_of
from sage.retrieval.text.own_words import own_words
from sage.retrieval.text.words import terms_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sage.retrieval.text.words import Word

MAX_CHARS = 8_000
"""A longer text has no keys."""


def lexemes_of(content: str, name: str | None, created_at: datetime, role: Role) -> str:
    """Return the `tsvector` literal of a memory, with the keys of its preferences and decisions."""
    words = list(words_of(content))
    return tsvector_of(content, name, created_at, keys_of(content, role, words), words=words)


def keys_of(content: str, role: Role, words: Iterable[Word] | None = None) -> tuple[Stated, ...]:
    """Return the keys of a message; `words` are its words if it was already split.

    Only people state preferences and decisions, in their own words; a very long text has no keys.
    """
    if role is not Role.USER or len(content) > MAX_CHARS:
        return ()
    terms = terms_of(words_of(content) if words is None else words)
    may_prefer, may_decide = (
        not terms.isdisjoint(some) for some in (PREFERENCE_TERMS, DECISION_TERMS)
    )
    own = own_words(content) if may_prefer or may_decide else ""
    keys: list[Stated] = []
    if may_prefer:
        preferences = preferences_in(own, terms)
        keys += [Stated.PREFERENCE] if preferences else []
        keys += [Stated.WISH] if any(one.is_personal for one in preferences) else []
    if may_decide and (decisions_in(own) or changes_in(own)):
        keys.append(Stated.DECISION)
    return tuple(keys)

"""Keys in the full-text index for messages with preferences and decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.recall import Stated
from sage.retrieval.preferences.decisions import DECISION_TERMS, changes_in, decisions_in
from sage.retrieval.preferences.stated import PREFERENCE_TERMS, preferences_in
from sage.retrieval.text.lexemes import tsvector_of
from sage.retrieval.text.words import terms_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sage.retrieval.text.words import Word

_MAX_CHARS_OF_PREFERENCES = 2_000
MAX_CHARS = 8_000
"""A longer text has no keys."""


def lexemes_of(content: str, name: str | None, created_at: datetime, role: Role) -> str:
    """Return the `tsvector` literal of a memory, with the keys of its preferences and decisions."""
    words = list(words_of(content))
    return tsvector_of(content, name, created_at, keys_of(content, role, words), words=words)


def keys_of(content: str, role: Role, words: Iterable[Word] | None = None) -> tuple[Stated, ...]:
    """Return the keys of a message; `words` are its words if it was already split.

    People state preferences and decisions, assistants decisions; a very long text has no keys.
    """
    if role not in {Role.USER, Role.ASSISTANT} or len(content) > MAX_CHARS:
        return ()
    keys: list[Stated] = []
    terms = terms_of(words_of(content) if words is None else words)
    is_mine = role is Role.USER
    may_prefer = is_mine and len(content) <= _MAX_CHARS_OF_PREFERENCES
    if may_prefer and not terms.isdisjoint(PREFERENCE_TERMS):
        preferences = preferences_in(content, terms)
        keys += [Stated.PREFERENCE] if preferences else []
        keys += [Stated.WISH] if any(one.is_personal for one in preferences) else []
    if not terms.isdisjoint(DECISION_TERMS) and _decides(content, is_mine=is_mine):
        keys.append(Stated.DECISION)
    return tuple(keys)


def _decides(content: str, *, is_mine: bool) -> bool:
    """Return whether a text decides something, or says that a choice is no longer valid."""
    return bool(decisions_in(content, is_mine=is_mine) or (is_mine and changes_in(content)))

"""Signals of the kind of turn: by the person asked about, a question, or an answer.

A question answers little, the turn after a question a lot.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.ranking.evidence import numbers
from sage.retrieval.text.words import words_of

if TYPE_CHECKING:
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn

_DOUBT = 0.5
_SPEAKERS = 1_000


def said_by(evidence: Evidence, names: frozenset[str], mentions: FloatColumn) -> FloatColumn:
    """Return 1 for turns of the one person a question names, 0 for others or without one person.

    Turns without a speaker's name are attributed by role: in a session of two, a speaker does not
    say their own name. `mentions` says for each row whether it contains the name; the result is
    then the share of mentions by the other role minus one half, -0.5 to 0.5.
    """
    if len(names) != 1:
        return np.zeros(len(evidence.candidates))
    found, sessions = evidence.found, evidence.sessions
    is_user = (found.role == "user").astype(float)
    by_user = np.bincount(sessions, mentions * is_user)
    by_other = np.bincount(sessions, mentions * (1 - is_user))
    named_user = ((by_other + _DOUBT) / (by_user + by_other + 2 * _DOUBT))[sessions]
    guessed = np.where(is_user == 1, named_user, 1 - named_user) - 0.5
    speakers = found.name[evidence.candidates].tolist()
    known = {name: not names.isdisjoint(_words(name)) for name in set(speakers) if name}
    said = [
        guess if name is None else known[name]
        for name, guess in zip(speakers, guessed[evidence.candidates].tolist(), strict=True)
    ]
    return np.array(said, dtype=float)


def asks(evidence: Evidence) -> FloatColumn:
    """Return 1 for turns that end in a question."""
    return numbers(evidence.found.asks)[evidence.candidates]


def replies(evidence: Evidence) -> FloatColumn:
    """Return 1 for turns right after one that ends in a question."""
    return evidence.at(-1, numbers(evidence.found.asks))


def speaks_of_self(evidence: Evidence) -> FloatColumn:
    """Return 1 for turns in the first person, which are about the speaker's own life."""
    return numbers(evidence.found.speaks_of_self)[evidence.candidates]


@lru_cache(_SPEAKERS)
def _words(name: str) -> frozenset[str]:
    return frozenset(word.spelling for word in words_of(name))

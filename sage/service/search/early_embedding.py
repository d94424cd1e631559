"""Embed a question while its words are looked up to find which of them are names.

The question is embedded without its names. A model on this machine starts with those that earlier
questions in the space were about: mostly that is right, and if not it starts again. If a word may
be a typo, which only the space knows, it waits: most typos are embedded with another word in their
place. A provider, who may charge for each call, is called once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sage.retrieval.text.names import PossibleNames
from sage.retrieval.text.typos import name_terms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator

    from sage.service.search.query import SearchQuery

_VectorT = TypeVar("_VectorT")

_MAX_NAMES = 10_000


class EarlyEmbedding:
    """Remembers the names that the latest questions were about, each with its space."""

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, str], None] = OrderedDict()

    @contextmanager
    def begun(
        self, asked: SearchQuery, embed: Callable[[str], Coroutine[object, object, _VectorT]]
    ) -> Iterator[Callable[[str], Awaitable[_VectorT]]]:
        """Start to embed the likely topic of a question, and yield a function that embeds it."""
        if not asked.handle.embedder.is_local or _may_have_typo(asked):
            yield embed
            return
        space_id, possible = asked.request.space_id, asked.possible
        names = [word for word in possible.guesses if (space_id, word) in self._names]
        guess = asked.question.about(possible.meant(names)).topic
        begun = asyncio.create_task(embed(guess))
        try:
            yield lambda topic: begun if topic == guess else embed(topic)
        finally:
            begun.cancel()

    def keep(self, asked: SearchQuery) -> None:
        """Remember the names that a question is about."""
        for name in asked.question.names:
            self._names[asked.request.space_id, name] = None
            self._names.move_to_end((asked.request.space_id, name))
            if len(self._names) > _MAX_NAMES:
                self._names.popitem(last=False)


def _may_have_typo(asked: SearchQuery) -> bool:
    """Return whether a word may be a typo: in lower case and not common in the database.

    A capitalized word is mostly a name.
    """
    in_small, known = PossibleNames((), asked.possible.others), asked.statistics.statistics
    terms = name_terms(in_small, asked.question.words.terms, asked.handle.embedder.has_word)
    return not known.share_by_term.keys() >= {*terms.values()} - {None}

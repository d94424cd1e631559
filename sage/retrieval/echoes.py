"""Find messages that only repeat what a question says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.cut_texts import NOT, cut

if TYPE_CHECKING:
    from sage.retrieval.cut_texts import CutText

_MOST_CHARS = 2_000
"""A longer message is no echo: nobody writes so much to ask what was asked."""


def adds_nothing(message: str, query: str) -> bool:
    """Return whether all content words, numbers, names and negations of a message are in a query.

    Words are compared by their stems, scripts without spaces by pairs of characters. A message that
    differs from the query in nothing but a negation is not the same.
    """
    if len(message) > _MOST_CHARS:
        return False
    said, asked = cut(message), cut(query)
    if not (said.content <= asked.spelt and all(_covers(asked, run) for run in said.runs)):
        return False
    is_negated = NOT in asked.content and NOT not in said.content
    return not is_negated or _size(asked) != _size(said)


def says_the_same(text: str, other: str) -> bool:
    """Return whether two texts differ in nothing but form."""
    return adds_nothing(text, other) and adds_nothing(other, text)


def _size(said: CutText) -> tuple[int, int]:
    return len(said.content - {NOT}), sum(map(len, said.runs))


def _covers(asked: CutText, run: str) -> bool:
    """Return whether each character of a run stands in the question beside the same neighbour."""
    if len(run) == 1:
        return run in asked.pairs
    found = [run[at : at + 2] in asked.pairs for at in range(len(run) - 1)]
    return all(
        before or after for before, after in zip([False, *found], [*found, False], strict=True)
    )

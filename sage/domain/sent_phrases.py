"""The phrases of an answer, sent beside its texts, to show these in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sage.domain.answer import Answer, doc, optional
from sage.phrases import sent_phrases

PHRASES = (
    "The phrases of the neighboring texts that have arguments, by field name, for"
    " translation; a text without an entry is its own phrase id."
)


@dataclass(frozen=True, slots=True)
class SentPhrase(Answer):
    """The phrase of a text, to be shown in another language."""

    id: str = field(metadata=doc("The English text, with the names of its arguments in braces."))
    arguments: Mapping[str, object] = field(
        metadata=doc(
            "The values of the arguments, by name: text, numbers, lists of these, and phrases."
        )
    )
    plural: str | None = field(
        default=None, metadata=optional("The English text to use if the argument `count` is not 1.")
    )


def sent_with(**texts: str) -> Mapping[str, SentPhrase]:
    """Return, by name, the phrases of those texts that have arguments."""
    return {name: SentPhrase(**sent) for name, sent in sent_phrases(texts).items()}  # type: ignore[arg-type] # as as_json makes it

"""The phrases of an answer, sent beside its texts, to show these in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sage.domain.answer import Answer, doc, optional
from sage.phrases import sent_phrases

PHRASES = (
    "How texts beside it that have arguments are made, by their names here; "
    "any other text is its own id."
)


@dataclass(frozen=True, slots=True)
class SentPhrase(Answer):
    """A text as it was made, to be said in another language."""

    id: str = field(metadata=doc("The English text, with the names of its arguments in braces."))
    arguments: Mapping[str, object] = field(
        metadata=doc("Text, numbers, lists of these, and phrases, by name.")
    )
    plural: str | None = field(
        default=None, metadata=optional("The English text where the argument `count` is not 1.")
    )


def sent_with(**texts: str) -> Mapping[str, SentPhrase]:
    """Return, by name, the phrases of those texts that have arguments."""
    return {name: SentPhrase(**sent) for name, sent in sent_phrases(texts).items()}  # type: ignore[arg-type] # as as_json makes it

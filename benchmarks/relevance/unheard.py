"""Questions about subjects that no message of a store mentions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.relevance.questions import Kind, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.cli.benchmark.conversations import KnownConversation

SUBJECTS = json.loads(
    (Path(__file__).parent.parent / "labels" / "unheard.json").read_text("utf-8")
)["subjects"]
"""Questions that share a subject, and the words that name it in two languages."""


def unheard(talks: Sequence[KnownConversation]) -> Iterator[Question]:
    """Yield the questions with none of their subject's words, or their plurals, in any message."""
    texts = [turn.message.content for talk in talks for turns in talk.sessions for turn in turns]
    for subject in SUBJECTS:
        named = _named_by(subject["words"])
        if not any(map(named.search, texts)):
            for text in subject["questions"]:
                yield Question(text, Kind.UNHEARD)


def _named_by(words: Sequence[str]) -> re.Pattern[str]:
    english = "|".join(re.escape(word) for word in words if word.isascii())
    chinese = [re.escape(word) for word in words if not word.isascii()]
    whole = rf"(?<![a-z])(?:{english})(?:e?s)?(?![a-z])"
    return re.compile("|".join([whole, *chinese]), re.IGNORECASE)

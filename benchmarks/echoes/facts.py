"""Facts in two languages, what is asked about them, and what is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FOLDER = Path(__file__).parent
PHRASES: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(
    (_FOLDER / "phrases.json").read_text("utf-8")
)
"""What is said about any fact, by language: non-answers, answers, corrections, small talk."""
LANGUAGES = ("en", "zh")
_OFF_TOPIC = _FOLDER.parent / "labels/off-topic.json"
_TOLD_IN_ENGLISH = 3
"""How many subjects of a family are told of in English; of the others it is in Chinese."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, the question it answers, and the same question in three other ways.

    The last of the `paraphrases` is in the other language. `wrong` is not the `value`. The
    `near_misses` are the statement with the wrong value, and with a "not".
    """

    language: str
    text: str
    question: str
    paraphrases: tuple[str, str, str]
    near_misses: tuple[str, str]
    value: str
    wrong: str

    @property
    def wordings(self) -> tuple[str, ...]:
        """Return the question in all four ways."""
        return (self.question, *self.paraphrases)

    def said(self, kind: str, number: int) -> str:
        """Return a phrase about this fact, in its language; the numbers go round."""
        phrases = PHRASES[self.language][kind]
        return phrases[number % len(phrases)].format(
            v=self.value,
            V=self.value[:1].upper() + self.value[1:],
            w=self.wrong,
            W=self.wrong[:1].upper() + self.wrong[1:],
            fact=self.text,
        )


def facts() -> list[Fact]:
    """Return all facts, English and Chinese ones in turns."""
    families = json.loads((_FOLDER / "families.json").read_text("utf-8"))
    told: dict[str, list[Fact]] = {language: [] for language in LANGUAGES}
    for place in range(_TOLD_IN_ENGLISH):
        for family in families:
            for language, at in zip(LANGUAGES, (place, place + _TOLD_IN_ENGLISH), strict=True):
                told[language].append(_fact(family, language, family["fills"][at]))
    return [fact for both in zip(*told.values(), strict=True) for fact in both]


def unanswered() -> Iterator[tuple[str, str]]:
    """Yield questions that no fact answers, each after its language."""
    asked = json.loads(_OFF_TOPIC.read_text("utf-8"))["measure"]
    for language, name in zip(LANGUAGES, ("english", "chinese"), strict=True):
        for question in asked[name]:
            yield language, question


def _fact(family: Mapping[str, Sequence[str]], language: str, fill: str) -> Fact:
    other = LANGUAGES[language == LANGUAGES[0]]
    text, negated, question, *others = _filled(family[language], fill, language)
    value, wrong = (_in(part, language) for part in fill.split(";")[1:])
    across = _filled(family[other], fill, other)[2]
    return Fact(
        language,
        text,
        question,
        (others[0], others[1], across),
        (text.replace(value, wrong), negated),
        value,
        wrong,
    )


def _filled(sentences: Sequence[str], fill: str, language: str) -> list[str]:
    subject, value, _ = (_in(part, language) for part in fill.split(";"))
    filled = (one.format(s=subject, v=value) for one in sentences)
    return [one[:1].upper() + one[1:] for one in filled]


def _in(part: str, language: str) -> str:
    """Return a part of a fill in a language: most stand in both, `English|Chinese`."""
    english, _, chinese = part.partition("|")
    return chinese if chinese and language == "zh" else english

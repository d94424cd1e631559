"""Facts in two languages, with questions about them and phrases to answer with."""

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
"""Phrases for any fact, by language: non-answers, answers, corrections, small talk."""
LANGUAGES = ("en", "zh")
_OFF_TOPIC = _FOLDER.parent / "labels/off-topic.json"
_STATED_IN_ENGLISH = 3
"""Subjects of a family with facts in English; the others have facts in Chinese."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, the question it answers, and three paraphrases of the question.

    The last of the `paraphrases` is in the other language. `wrong` is a value other than `value`.
    The `near_misses` are the statement with the wrong value, and with a "not".
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
        """Return the question and its paraphrases."""
        return (self.question, *self.paraphrases)

    def phrase(self, kind: str, number: int) -> str:
        """Return a phrase of a kind about this fact, in its language; `number` selects it."""
        phrases = PHRASES[self.language][kind]
        return phrases[number % len(phrases)].format(
            v=self.value,
            V=self.value[:1].upper() + self.value[1:],
            w=self.wrong,
            W=self.wrong[:1].upper() + self.wrong[1:],
            fact=self.text,
        )


def facts() -> list[Fact]:
    """Return all facts, alternately English and Chinese."""
    families = json.loads((_FOLDER / "families.json").read_text("utf-8"))
    stated: dict[str, list[Fact]] = {language: [] for language in LANGUAGES}
    for place in range(_STATED_IN_ENGLISH):
        for family in families:
            for language, at in zip(LANGUAGES, (place, place + _STATED_IN_ENGLISH), strict=True):
                stated[language].append(_fact(family, language, family["fills"][at]))
    return [fact for both in zip(*stated.values(), strict=True) for fact in both]


def unanswered() -> Iterator[tuple[str, str]]:
    """Yield the language and the text of questions that no fact answers."""
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
    """Return the part of `English|Chinese` in a language; a part without | is the same in both."""
    english, _, chinese = part.partition("|")
    return chinese if chinese and language == "zh" else english

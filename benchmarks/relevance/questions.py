"""Questions that a conversation answers, and questions that it does not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.cli.benchmark.conversations import KnownConversation

_LABELS = Path(__file__).parent.parent / "labels"
_OFF_TOPIC = json.loads((_LABELS / "off-topic.json").read_text("utf-8"))
_ACROSS = json.loads((_LABELS / "cross-language.json").read_text("utf-8"))
_HAN = re.compile(r"[\u4e00-\u9fff]")


class Kind(StrEnum):
    """Why a question has an answer in a store, or none.

    `FOREIGN` questions are about another conversation, with the names exchanged; those that the
    store answers by chance count against Sage. `ELSEWHERE` ones are about parts of the conversation
    that a small store does not contain. The subjects of `OFF_TOPIC` ones do not occur;
    `OFF_TOPIC_FIT` are similar ones, used only for fitting. The subjects of `UNHEARD` ones are not
    mentioned by any message.
    """

    OWN = "own"
    FOREIGN = "foreign"
    ELSEWHERE = "elsewhere"
    OFF_TOPIC = "off-topic"
    OFF_TOPIC_FIT = "off-topic, for the fit"
    UNHEARD = "off-topic, unheard"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the labels that answer it, each prefixed with its conversation.

    `across`: the question is in another language than the conversation.
    """

    text: str
    kind: Kind
    evidence: frozenset[str] = frozenset()
    across: bool = False


def own(talk: KnownConversation) -> Iterator[Question]:
    """Yield the questions that a conversation answers, in its language and in the other."""
    for question in talk.questions:
        across = is_chinese(question.text) != speaks_chinese(talk)
        evidence = frozenset(f"{talk.name} {label}" for label in question.evidence)
        yield Question(question.text, Kind.OWN, evidence, across)
    for language, prefix in (("chinese", ""), ("english", "D")):
        for text, turns in _ACROSS[language].get(talk.name, ()):
            evidence = frozenset(f"{talk.name} {prefix}{turn}" for turn in turns)
            yield Question(text, Kind.OWN, evidence, across=True)


def foreign(talk: KnownConversation, others: Sequence[KnownConversation]) -> Iterator[Question]:
    """Yield the questions about other conversations, with the names of this one's people."""
    people = _people(talk)
    for other in others:
        for question in other.questions:
            across = is_chinese(question.text) != speaks_chinese(talk)
            text = _exchanged(question.text, _people(other), people)
            yield Question(text, Kind.FOREIGN, across=across)


def off_topic(talk: KnownConversation) -> Iterator[Question]:
    """Yield questions about subjects that do not occur, in two languages."""
    for kind, part in ((Kind.OFF_TOPIC_FIT, "fit"), (Kind.OFF_TOPIC, "measure")):
        for questions in _OFF_TOPIC[part].values():
            for text in questions:
                yield Question(text, kind, across=is_chinese(text) != speaks_chinese(talk))


def is_chinese(text: str) -> bool:
    """Report whether a text contains Chinese characters."""
    return bool(_HAN.search(text))


def speaks_chinese(talk: KnownConversation) -> bool:
    """Report whether a conversation is in Chinese, judged by its first message."""
    return is_chinese(talk.sessions[0][0].message.content)


def _people(talk: KnownConversation) -> list[str]:
    names = (turn.message.name for session in talk.sessions for turn in session)
    return list(dict.fromkeys(name for name in names if name))


def _exchanged(text: str, old: Sequence[str], new: Sequence[str]) -> str:
    if not new:
        return text
    renamed = {name: new[place % len(new)] for place, name in enumerate(old)}
    names = "|".join(rf"\b{re.escape(name)}\b" if name.isascii() else name for name in old)
    return re.sub(names, lambda match: renamed[match.group()], text) if old else text

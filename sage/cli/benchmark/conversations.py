"""Read conversations and questions whose answering turns are known.

The format is that of LoCoMo (Maharana et al. 2024, https://github.com/snap-research/locomo): a list
of samples, each with sessions of turns, and questions that list their evidence.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from sage.cli.benchmark.formats import in_record, unreadable
from sage.domain.memories import Message, Role
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_FORMAT = "pass a JSON file in the format of LoCoMo; docs/benchmarks.md links to it"
_CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
_ADVERSARIAL = 5  # unanswerable: no turn of the conversation contains the answer
_BETWEEN_TURNS = timedelta(seconds=20)
_LOCOMO_TIME = "%I:%M %p on %d %B, %Y"
_SESSION = re.compile(r"session_(\d+)")
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message and its label in the evidence of questions, which several messages may share."""

    label: str
    message: Message


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question, its category, and the labels of all turns that answer it."""

    text: str
    category: str
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class KnownConversation:
    """Sessions in order, with answerable and unanswerable questions about them."""

    name: str
    sessions: tuple[tuple[KnownMessage, ...], ...]
    questions: tuple[KnownQuestion, ...]
    unanswerable: tuple[str, ...] = ()

    def without_names(self) -> KnownConversation:
        """Return the conversation as a plain chat of user and assistant, without names."""
        return replace(
            self,
            sessions=tuple(
                tuple(replace(turn, message=replace(turn.message, name=None)) for turn in session)
                for session in self.sessions
            ),
        )


@dataclass(frozen=True, slots=True)
class ConversationSet:
    """The conversations of one file."""

    name: str
    conversations: tuple[KnownConversation, ...]

    def without_names(self) -> ConversationSet:
        """Return the set with every conversation as a plain chat."""
        plain = tuple(conversation.without_names() for conversation in self.conversations)
        return replace(self, conversations=plain)


def own_sets() -> tuple[ConversationSet, ...]:
    """Return the small built-in sets: English, Chinese, and one of both languages.

    The questions of the last are in the other language than the messages that answer them.
    """
    folder = resources.files("sage.cli.benchmark") / "data"
    return tuple(
        _set_of(language, (folder / f"{language}.json").read_text(encoding="utf-8"))
        for language in ("english", "chinese", "mixed")
    )


def read_sets(paths: Sequence[Path]) -> tuple[ConversationSet, ...]:
    """Read the files, or the built-in sets without any. Raises InvalidInputError."""
    if len({path.stem for path in paths}) < len(paths):
        raise InvalidInputError(
            "--data", "{field} contains two files with the same name", hint="rename one of them"
        )
    return tuple(map(read_set, paths)) if paths else own_sets()


def read_set(path: Path) -> ConversationSet:
    """Read the conversations of a file. Raises InvalidInputError."""
    try:
        found = _set_of(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise unreadable(path, error, _FORMAT) from error
    if not any(conversation.questions for conversation in found.conversations):
        raise InvalidInputError(
            "--data",
            phrase("{field}: {path} contains no questions with known answers", path=path),
            hint=_FORMAT,
        )
    return found


def _set_of(name: str, text: str) -> ConversationSet:
    return ConversationSet(name, tuple(_conversations(json.loads(text))))


def _conversations(samples: Sequence[Mapping[str, Any]]) -> Iterator[KnownConversation]:
    for number, sample in enumerate(samples, start=1):
        with in_record(number):
            conversation = _conversation(sample)
        yield conversation


def _conversation(sample: Mapping[str, Any]) -> KnownConversation:
    talk = sample["conversation"]
    numbers = sorted(int(found[1]) for key in talk if (found := _SESSION.fullmatch(key)))
    sessions = tuple(tuple(_turns(talk, number)) for number in numbers)
    known = {turn.label for session in sessions for turn in session}
    unanswerable = (one["question"] for one in sample["qa"] if one["category"] == _ADVERSARIAL)
    return KnownConversation(
        str(sample["sample_id"]),
        sessions,
        tuple(_questions(sample["qa"], known)),
        tuple(unanswerable),
    )


def _turns(talk: Mapping[str, Any], number: int) -> Iterator[KnownMessage]:
    began_at = _time_of(talk[f"session_{number}_date_time"])
    for place, turn in enumerate(talk[f"session_{number}"]):
        speaker, text = turn["speaker"], turn["text"]
        if caption := turn.get("blip_caption"):
            text = f"{text} [shares {caption}]"
        role = Role.USER if speaker == talk["speaker_a"] else Role.ASSISTANT
        named = speaker not in tuple(Role)
        message = Message.validate(
            role, text, speaker if named else None, began_at + place * _BETWEEN_TURNS
        )
        yield KnownMessage(turn["dia_id"], message)


def _questions(asked: Sequence[Mapping[str, Any]], known: set[str]) -> Iterator[KnownQuestion]:
    for question in asked:
        category = question["category"]
        if category == _ADVERSARIAL:
            continue
        evidence = known.intersection(
            f"D{int(session)}:{int(turn)}"
            for named in question.get("evidence") or ()
            for session, turn in _EVIDENCE.findall(named)
        )
        if evidence:
            yield KnownQuestion(
                question["question"],
                _CATEGORIES.get(category, str(category)),
                frozenset(evidence),
            )


def _time_of(text: str) -> datetime:
    """Parse the time of a session: "1:56 pm on 8 May, 2023", as in LoCoMo, or ISO 8601."""
    if " on " in text:
        return datetime.strptime(text, _LOCOMO_TIME).replace(tzinfo=UTC)
    return datetime.fromisoformat(text).astimezone(UTC)

"""Messages of people and agents that were labelled by hand.

Sessions of [speaker, labels, text]: what a message is, and after that what it may be taken for as
well. A fourth part says that a person tells in it how he wants to be worked with (`wish`) or what
is to be (`decision`). The one who wrote the rules wrote `seen` and `held`; somebody else wrote
`other_seen` and `other_held`, and the second version of the rules with the first of the two,
without looking at what goes wrong in the second. `unseen` are single messages, written before the
scorer of wishes was made; nothing is learned of them, nor of `other_held`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass

_FOLDER = Path(__file__).parents[1] / "retrieval" / "labelled_messages"
_ROLES = {"u": Role.USER, "a": Role.ASSISTANT, "t": Role.TOOL}
_CLASSES = dict(zip("sqrankmpx", MessageClass, strict=True))


class Labelled(NamedTuple):
    """A message, with its class and those that it may have as well."""

    role: Role
    label: MessageClass
    also: frozenset[MessageClass]
    text: str
    tells: str


def labelled_sessions(name: str) -> list[list[Labelled]]:
    """Return the sessions of one of the five parts."""
    lines = (_FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [[_labelled(*message) for message in json.loads(line)] for line in lines]


def no_wishes() -> list[str]:
    """Return sentences that look like wishes on how to work, and are none that last."""
    return _lines("no_wishes")


def unmarked_questions() -> list[str]:
    """Return questions without a question mark, or behind an introduction."""
    return _lines("unmarked_questions")


def no_questions() -> list[str]:
    """Return statements that begin as questions do."""
    return _lines("no_questions")


def tasks() -> list[str]:
    """Return tasks, most of them with a verb that no list of verbs has."""
    return _lines("tasks")


def no_tasks() -> list[str]:
    """Return statements that look like tasks: rules, recipes, sentences without a subject."""
    return _lines("no_tasks")


def _lines(name: str) -> list[str]:
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def _labelled(speaker: str, labels: str, text: str, tells: str = "") -> Labelled:
    label, *also = (_CLASSES[one] for one in labels)
    return Labelled(_ROLES[speaker], label, frozenset(also), text, tells)

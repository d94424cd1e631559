"""Class the messages of a session, and tell which of them answers which.

In doubt a message is a statement: what is taken for anything else may be left out of a search.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES_VERSION = 1
"""Raised with every change of the rules: what an older version classed is classed again."""

MAX_BEFORE = 8
"""How many messages before the first, remarks not counted, can change what the first is."""

_QUESTION = re.compile(r"(?:[^.!?。！？\n]+[?？]\s*)+")  # noqa: RUF001 - CJK marks
_EMPTY = re.compile(
    r"\W*(?:ok(?:ay)?|noted|thanks?(?: you)?|understood|got it|sure|yes"
    r"|好的?|收到|谢谢|明白了?)\W*",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"\W*(?:i (?:do not|don't) (?:know|remember)|no idea|我?不知道|不清楚)\W*", re.IGNORECASE
)


class Turn(NamedTuple):
    """A message to class. `is_remark`: a transcript shows that its turn has a later text."""

    role: Role
    content: str
    is_remark: bool = False


class Earlier(NamedTuple):
    """A message that is classed already."""

    role: Role
    content: str
    message_class: MessageClass


class Classed(NamedTuple):
    """The class of a message, and which message it replies to with substance.

    `reply_to` is an index of the classed messages; below zero, of those before them.
    """

    message_class: MessageClass
    reply_to: int | None = None


def classes_of(turns: Sequence[Turn], before: Sequence[Earlier] = ()) -> list[Classed]:
    """Class consecutive messages of one session, in the order in which they were said.

    `before`: messages of the session that precede them; the last `MAX_BEFORE` suffice. Where
    several reply to one question, the last of them is the answer that holds.
    """
    asked: int | None = None
    for place, earlier in enumerate(before, start=-len(before)):
        if earlier.message_class.asks:
            asked = place
    classed = []
    for index, turn in enumerate(turns):
        one = _class_of(turn)
        if one.asks:
            asked = index
            classed.append(Classed(one))
        elif one is MessageClass.STATEMENT and turn.role is Role.ASSISTANT and asked is not None:
            classed.append(Classed(MessageClass.ANSWER, asked))
        else:
            classed.append(Classed(one))
    return classed


def _class_of(turn: Turn) -> MessageClass:
    if turn.is_remark:
        return MessageClass.REMARK
    if "<sage-recall>" in turn.content or "<sage-memories>" in turn.content:
        return MessageClass.QUOTATION
    if _EMPTY.fullmatch(turn.content[:200]):
        return MessageClass.ACKNOWLEDGEMENT
    if _UNKNOWN.fullmatch(turn.content[:200]):
        return MessageClass.NON_ANSWER
    if _QUESTION.fullmatch(turn.content[:2_000].strip()):
        return MessageClass.QUESTION
    return MessageClass.STATEMENT

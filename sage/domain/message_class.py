"""Kinds of messages, as far as they affect what is worth recalling."""

from __future__ import annotations

from enum import StrEnum


class MessageClass(StrEnum):
    """A kind of message. A message without a class counts as a statement.

    STATEMENT: a statement, or a message whose kind is in doubt. QUESTION and REQUEST: only a
    question, possibly with a premise, or only a task. ANSWER: an answer to a question. NON_ANSWER:
    a reply that there is no answer, or not yet. ACKNOWLEDGEMENT: a confirmation of receipt. REMARK:
    a comment of an assistant during its work, before the last text of its turn. PASTED: mostly
    logs, code or data. QUOTATION: a repetition of text that Sage had returned.
    """

    STATEMENT = "statement"
    QUESTION = "question"
    REQUEST = "request"
    ANSWER = "answer"
    NON_ANSWER = "non_answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    REMARK = "remark"
    PASTED = "pasted"
    QUOTATION = "quotation"

    @property
    def code(self) -> int:
        """The number under which it is stored."""
        return _CODES[self]

    @property
    def asks(self) -> bool:
        """Whether it only asks or only sets a task: nothing to recall without an answer."""
        return self in _ASKING

    @property
    def is_ranked(self) -> bool:
        """Whether such messages can be results by themselves; those that cannot get no vector."""
        return self not in _UNRANKED

    @classmethod
    def of_code(cls, code: int) -> MessageClass:
        """Return the class that is stored under a number. Raises IndexError if there is none."""
        return _CLASSES[code]


_CLASSES = tuple(MessageClass)
_CODES = {one: code for code, one in enumerate(_CLASSES)}
_ASKING = frozenset({MessageClass.QUESTION, MessageClass.REQUEST})
_UNRANKED = frozenset(
    {
        MessageClass.NON_ANSWER,
        MessageClass.ACKNOWLEDGEMENT,
        MessageClass.REMARK,
        MessageClass.QUOTATION,
    }
)
UNRANKED = tuple(sorted(_UNRANKED, key=_CODES.__getitem__))
"""The classes of messages that cannot be results by themselves."""
UNINFORMATIVE = tuple(sorted(_UNRANKED | _ASKING, key=_CODES.__getitem__))
"""The classes of messages that are results only if they have an answer."""

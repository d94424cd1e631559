"""Classify the messages of a session, and find which of them answers which.

If in doubt, a message is a statement, since messages of other classes may be left out of a search.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.acknowledgements import (
    begins_acknowledging,
    is_yes_or_no,
    notes,
    only_acknowledges,
)
from sage.retrieval.message_classes.dialogue import Dialogue, Utterance
from sage.retrieval.message_classes.intents import intent_of
from sage.retrieval.message_classes.non_answers import is_non_answer
from sage.retrieval.message_classes.pasted import is_pasted, is_quotation, without_quotations
from sage.retrieval.message_classes.questions import ends_asking
from sage.retrieval.preferences.decisions import decisions_in
from sage.retrieval.preferences.personal import is_personal
from sage.retrieval.text.duplicates import only_repeats
from sage.retrieval.text.sentences import sentences_in

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES_VERSION = 6
"""Raised with every change of the rules, including those of preferences: messages classified by an
older version are classified again."""

_MAX_CHARS_OF_AN_ECHO = 240
_MAY_RULE = re.compile(
    r"\W*(?:\w+ ){0,2}(?:can|could|would|will) (?:you|u) (?:\w+ )?(?:stop|avoid|keep|use|drop"
    r"|skip|dialogue"
    r"|speak|answer|reply|be|always|never|ask|explain|write)\b|.{0,4}(?:能不能|可不可以|能否"
    r"|可以)(?:别|不要|少|都|先|用|短)",
    re.IGNORECASE,
)
"""Texts in the form of a question that may be a rule or a decision."""


class UnclassifiedMessage(NamedTuple):
    """A message to classify. `is_remark`: the transcript has a later text of the same turn."""

    role: Role
    content: str
    is_remark: bool = False


class _RoleAndContent(Protocol):
    @property
    def role(self) -> Role:
        """Return the role of the speaker."""

    @property
    def content(self) -> str:
        """Return the text of the message."""


class ClassifiedMessage(NamedTuple):
    """A message that is already classified."""

    role: Role
    content: str
    message_class: MessageClass


class Classification(NamedTuple):
    """The class of a message, and the messages that it answers with substance, or corrects.

    `replies_to` are indexes into the classified messages; negative ones refer to messages before
    them.
    """

    message_class: MessageClass
    replies_to: tuple[int, ...] = ()


def classify_messages(
    turns: Sequence[UnclassifiedMessage], before: Sequence[ClassifiedMessage] = ()
) -> list[Classification]:
    """Classify consecutive messages of one session, in the order in which they were said.

    `before` are the preceding messages of the session; the last eight suffice, remarks not counted.
    If several messages answer one question, the last of them is its valid answer.
    """
    dialogue = Dialogue()
    for place, earlier in enumerate(before, start=-len(before)):
        said = Utterance(place, earlier.role, earlier.content)
        is_statement = earlier.message_class is MessageClass.STATEMENT
        dialogue.add(
            said, earlier.message_class, dialogue.corrected_by(said) if is_statement else ()
        )
    return [
        _classify(dialogue, place, turn, following)
        for place, (turn, following) in enumerate(zip_longest(turns, turns[1:]))
    ]


def _classify(
    dialogue: Dialogue, place: int, turn: UnclassifiedMessage, following: UnclassifiedMessage | None
) -> Classification:
    if turn.is_remark:
        return Classification(MessageClass.REMARK)
    if is_quotation(turn.content):
        return Classification(MessageClass.QUOTATION)
    said = Utterance(place, turn.role, without_quotations(turn.content).replace("\u2019", "'"))
    corrected = dialogue.corrected_by(said)
    if corrected:
        message_class = MessageClass.STATEMENT
    else:
        message_class = _empty_class_of(dialogue, said) or _informative_class_of(dialogue, said)
    this = ClassifiedMessage(turn.role, turn.content, message_class)
    if following is not None and is_noted(this, following):
        message_class = _informative_class_of(dialogue, said)
    return Classification(message_class, dialogue.add(said, message_class, corrected))


def is_noted(earlier: ClassifiedMessage, following: _RoleAndContent) -> bool:
    """Return whether the reply treats a request as a statement rather than as a task."""
    is_request = earlier.message_class is MessageClass.REQUEST
    return is_request and following.role is not earlier.role and notes(following.content)


def _empty_class_of(dialogue: Dialogue, said: Utterance) -> MessageClass | None:
    """Return the class of a message that states nothing by itself, otherwise None."""
    text = said.content
    if said.role in {Role.SYSTEM, Role.TOOL}:
        return None
    if only_acknowledges(text):
        is_reply = dialogue.asks_now(said) and (said.role is Role.USER or is_yes_or_no(text))
        return MessageClass.ANSWER if is_reply else MessageClass.ACKNOWLEDGEMENT
    is_asked = dialogue.is_asked(said) or dialogue.replies(said)
    if is_non_answer(text, is_asked=is_asked, by_assistant=said.role is Role.ASSISTANT):
        return MessageClass.NON_ANSWER
    if _repeats(dialogue, said):
        return MessageClass.ACKNOWLEDGEMENT
    asking = intent_of(text)
    if asking and said.role is Role.USER and _rules(text, asking):
        asking = None
    if asking is MessageClass.REQUEST and said.role is Role.ASSISTANT:  # what it says is advice
        return MessageClass.QUESTION if ends_asking(text) else None
    return None if asking is MessageClass.REQUEST and dialogue.asks_only(said) else asking


def _rules(text: str, asking: MessageClass) -> bool:
    """Return whether a text in the form of a task or question is a lasting rule or a decision."""
    if asking is MessageClass.QUESTION and not _MAY_RULE.match(text):
        return False
    return any(is_personal(one) for one in sentences_in(text)) or bool(decisions_in(text))


def _informative_class_of(dialogue: Dialogue, said: Utterance) -> MessageClass:
    """Return the class of a message that states something: ANSWER if the other side has asked."""
    if dialogue.may_answer(said):
        return MessageClass.ANSWER
    is_paste = said.role is not Role.ASSISTANT and is_pasted(said.content)
    return MessageClass.PASTED if is_paste else MessageClass.STATEMENT


def _repeats(dialogue: Dialogue, said: Utterance) -> bool:
    """Return whether a message only acknowledges a statement by repeating its words."""
    stated = dialogue.stated_to(said)
    return (
        stated is not None
        and len(said.content) <= _MAX_CHARS_OF_AN_ECHO
        and not ends_asking(said.content)
        and (said.role is Role.ASSISTANT or begins_acknowledging(said.content))
        and only_repeats(said.content, stated)
    )

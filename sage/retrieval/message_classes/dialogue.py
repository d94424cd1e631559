"""The state of a dialogue: the last question and statement of each side, and the replies."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.acknowledgements import begins_acknowledging
from sage.retrieval.message_classes.correction_patterns import SENDS_BACK
from sage.retrieval.message_classes.corrections import (
    MAX_CHARS_OF_A_CORRECTION,
    correction_in,
    corrects,
)
from sage.retrieval.message_classes.intents import ends_with_task
from sage.retrieval.message_classes.late_answers import answers_late
from sage.retrieval.message_classes.questions import ends_asking
from sage.retrieval.message_classes.task_patterns import WANTS_AN_ANSWER
from sage.retrieval.text.duplicates import adds_nothing
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS
from sage.retrieval.text.words import terms_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sage.retrieval.message_classes.corrections import ParsedCorrection

_MAX_CHARS_OF_A_CHOICE = 80

_MAX_STATED = 6
_STATING = {MessageClass.STATEMENT, MessageClass.ANSWER}
_OTHER = {Role.USER: Role.ASSISTANT, Role.ASSISTANT: Role.USER}


class Utterance(NamedTuple):
    """A message, and its place in the session."""

    place: int
    role: Role
    content: str


@dataclass(slots=True)
class _OpenQuestion:
    """The last question of one side, and what became of it."""

    said: Utterance
    is_task: bool
    only_asks: bool
    answered_at: int | None = None
    answer: str = ""
    is_corrected: bool = False
    is_unanswered: bool = False


@dataclass(slots=True)
class _Statement:
    """A statement or answer, and the places of the statements it corrects, if any.

    `asked` is the question that it answers, empty without one.
    """

    said: Utterance
    corrected: tuple[int, ...] = ()
    asked: str = ""

    def may_be_put_right_by(self, found: ParsedCorrection) -> bool:
        """Return whether it fits a correction that names nothing of it."""
        return found.fits(self.said.content, self.asked)


class Dialogue:
    """The state of a dialogue, to which utterances are added one by one."""

    def __init__(self) -> None:
        """Begin an empty dialogue."""
        self._asked: dict[Role, _OpenQuestion] = {}
        self._last: Utterance | None = None
        self._last_class = MessageClass.STATEMENT
        self._stated: deque[_Statement] = deque(maxlen=_MAX_STATED)
        self._is_stated_last = False

    def is_asked(self, said: Utterance) -> bool:
        """Return whether the other side is waiting for an answer."""
        return self._asked_of(said) is not None

    def replies(self, said: Utterance) -> bool:
        """Return whether an assistant speaks right after the person, mostly after a request."""
        last = self._last
        return said.role is Role.ASSISTANT and last is not None and last.role is Role.USER

    def asks_now(self, said: Utterance) -> bool:
        """Return whether the other side has just asked."""
        asked = self._asked_of(said)
        return asked is not None and asked.said is self._last

    def asks_only(self, said: Utterance) -> bool:
        """Return whether the other side has just asked, and stated nothing."""
        asked = self._asked_of(said)
        return asked is not None and asked.only_asks and asked.said is self._last

    def may_answer(self, said: Utterance) -> bool:
        """Return whether a message with substance answers a question of the other side.

        An offer at the end of a longer message is answered in few words, if at all.
        """
        asked = self._asked_of(said)
        if asked is None:
            return False
        if said.role is Role.ASSISTANT or asked.only_asks:
            return True
        return len(said.content) <= _MAX_CHARS_OF_A_CHOICE or begins_acknowledging(said.content)

    def stated_to(self, said: Utterance) -> str | None:
        """Return what the other side has just stated, None if it asked."""
        last = self._last
        if last is None or last.role is said.role or self.asks_now(said):
            return None
        return last.content if self._last_class is MessageClass.STATEMENT else None

    def corrected_by(self, said: Utterance) -> tuple[int, ...]:
        """Return the places of the statements that a message corrects, none if in doubt.

        A person may correct both sides, an assistant only itself. The answer to a question corrects
        nothing, unless it names what it replaces.
        """
        found = None if said.role not in _OTHER else correction_in(said.content)
        if found is None:
            return ()
        is_asked = self.asks_now(said)
        if said.role is Role.ASSISTANT and found.is_denial:
            return ()
        stated = [one for one in reversed(self._stated) if said.role in {one.said.role, Role.USER}]
        for one in stated:
            text = one.said.content
            replaced = found.replaced_in(text)
            if is_asked and not (replaced & found.olds or (replaced and found.is_explicit)):
                continue
            is_last = one is self._stated[-1]
            if found.is_bare_figure and not (is_last or one.may_be_put_right_by(found)):
                replaced &= found.olds
            if replaced or found.says_the_same_but_one(text):
                others = (it for it in stated if it is not one)
                same = [it for it in others if replaced & found.replaced_in(it.said.content)]
                return _places([one, *same, *_same_as(one, stated)])
        nearest = None if is_asked else self._nearest(said, found, stated)
        return () if nearest is None else _places([nearest, *_same_as(nearest, stated)])

    def _nearest(
        self, said: Utterance, found: ParsedCorrection, stated: Sequence[_Statement]
    ) -> _Statement | None:
        """Return the statement that an unspecific correction applies to, None if in doubt.

        It is the last statement, or an earlier one of the same kind. It is in doubt if the speaker
        asked for something of that kind afterwards.
        """
        last = self._stated[-1] if self._is_stated_last else None
        last = last if last in stated else None
        asked = self._asked.get(said.role)
        if (
            last is not None
            and found.may_follow(last.said.content)
            and (not last.asked or last.may_be_put_right_by(found))
        ):
            return last
        nearest = next((one for one in stated if one.may_be_put_right_by(found)), None)
        if nearest is None or asked is None or asked.said.place < nearest.said.place:
            return nearest
        is_open = asked.is_task or asked.answered_at is None or found.fits(asked.said.content)
        return None if is_open else nearest

    def add(
        self, said: Utterance, message_class: MessageClass, corrected: tuple[int, ...] = ()
    ) -> tuple[int, ...]:
        """Add a message of a class, which corrects some others.

        Return the places of the messages it replies to: those it answers with substance, and those
        it corrects.
        """
        if said.role not in _OTHER or message_class in {
            MessageClass.REMARK,
            MessageClass.QUOTATION,
        }:
            return ()
        reply_to = self._replied(said, message_class, corrected)
        if message_class is MessageClass.NON_ANSWER:
            if asked := self._asked_of(said):
                asked.is_unanswered = True
        elif message_class is MessageClass.ACKNOWLEDGEMENT:
            self._close(said.role, only_answered=True)
        elif message_class.asks or _asks_too(said, message_class):
            is_task = message_class is MessageClass.REQUEST and not WANTS_AN_ANSWER.match(
                said.content
            )
            self._asked[said.role] = _OpenQuestion(said, is_task, message_class.asks)
        elif not reply_to or message_class is MessageClass.ANSWER:
            self._close(said.role, only_answered=message_class is MessageClass.ANSWER)
        self._last, self._last_class = said, message_class
        self._is_stated_last = message_class in _STATING or (
            self._is_stated_last and message_class is MessageClass.ACKNOWLEDGEMENT
        )
        replies_to = tuple(dict.fromkeys((*reply_to, *corrected)))
        if message_class in _STATING:
            is_answer = message_class is MessageClass.ANSWER
            asked = self._asked_of(said) if is_answer else None
            question = "" if asked is None else asked.said.content
            self._stated.append(_Statement(said, corrected if is_answer else replies_to, question))
        return replies_to

    def _asked_of(self, said: Utterance) -> _OpenQuestion | None:
        """Return the question of the other side, unless that side corrected the answer itself."""
        other = _OTHER.get(said.role)
        asked = None if other is None else self._asked.get(other)
        return None if asked is None or asked.is_corrected else asked

    def _close(self, role: Role, *, only_answered: bool) -> None:
        asked = self._asked.get(role)
        if asked is not None and (asked.answered_at is not None or not only_answered):
            del self._asked[role]

    def _replied(
        self, said: Utterance, message_class: MessageClass, corrected: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return the places of the question that a message answers and the answer it corrects."""
        if message_class is MessageClass.ANSWER or (corrected and self.asks_only(said)):
            asked = self._asked_of(said)
            if asked is None:
                return ()
            asked.answered_at, asked.answer = said.place, said.content
            return (asked.said.place,)
        if message_class is not MessageClass.STATEMENT or not self._corrects(said):
            return ()
        asked = self._asked[said.role]
        answered_at = asked.answered_at
        if corrected and answered_at is not None and answered_at not in corrected:
            return ()
        asked.answered_at, asked.answer = said.place, said.content
        asked.is_corrected = SENDS_BACK.search(said.content) is None
        if answered_at is None or not asked.is_corrected:
            return (asked.said.place,)
        return asked.said.place, answered_at

    def _corrects(self, said: Utterance) -> bool:
        """Return whether a statement answers a question of its own side, better or at all."""
        asked = self._asked.get(said.role)
        text = said.content
        if asked is None or asked.is_task or len(text) > MAX_CHARS_OF_A_CORRECTION:
            return False
        if asked.answered_at is not None:
            return corrects(text, asked.answer, asked.said.content)
        return asked.is_unanswered and asked.only_asks and answers_late(text, asked.said.content)


def _same_as(stated: _Statement, others: Iterable[_Statement]) -> list[_Statement]:
    """Return the answers that only repeat a statement, or the statement that an answer repeats."""
    return [
        one
        for one in others
        if one is not stated and (_repeats(one, stated) or _repeats(stated, one))
    ]


def _repeats(answer: _Statement, stated: _Statement) -> bool:
    """Return whether an answer only repeats a statement about the subject of its question."""
    about = terms_in(answer.asked) - ENGLISH_STOPWORDS
    is_about = not about.isdisjoint(terms_in(stated.said.content))
    return is_about and adds_nothing(answer.said.content, stated.said.content)


def _places(stated: Iterable[_Statement]) -> tuple[int, ...]:
    """Return the place of a statement, and of the statements that it corrects."""
    return tuple(
        dict.fromkeys(place for one in stated for place in (one.said.place, *one.corrected))
    )


def _asks_too(said: Utterance, message_class: MessageClass) -> bool:
    """Return whether a message that states something also asks, or sets a task.

    It does if it ends with a question or a task, or begins with a question above a pasted log or
    file.
    """
    if ends_asking(said.content):
        return True
    if message_class is MessageClass.PASTED:
        return ends_asking(said.content.split("\n", 1)[0])
    return said.role is Role.USER and ends_with_task(said.content)

"""The exchanges of a session: prompts with the last texts of their answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.corrections import corrects
from sage.retrieval.message_classes.late_answers import answers_late, shares_content
from sage.retrieval.query.entity_types import type_match
from sage.retrieval.query.same_questions import is_equal_question
from sage.retrieval.recall.agent_texts import (
    REPORTS_CHANGE,
    announces_work,
    awaits_decision,
    reports_work,
)
from sage.retrieval.recall.tasks import asks_for, responds_to_task, sets_task
from sage.retrieval.text.analysis import analyze
from sage.retrieval.text.duplicates import adds_nothing, says_the_same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sage.domain.recall import SessionTurn

_ASKED_WIDTH = 400
_FOUND_WIDTH = 600
_LOOK_UP_WIDTH = 160
"""The maximum width of an answer to a question that was looked up without work."""
_NOTE_WIDTH = 100
_HEARD = re.compile(
    r"^\W*(?:agreed|ok(?:ay)?|noted|understood|thanks|thank you|got it|will do|sure|alright|sorry"
    r"|you(?:['’]re| are) right(?:, sorry)?|verstanden|notiert|alles klar|compris|d['’]accord"  # noqa: RUF001
    r"|noté|entendido|de acuerdo|anotado|好的?|收到|记下了?|明白了?|了解|没问题|抱歉|是的)"
    r"(?:\W+|\Z)",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:why|how come|warum|wieso|weshalb|pourquoi|por qué)\b|为什么|为何|为啥|怎么回事",
    re.IGNORECASE,
)
"""A question for the reason of something: the answer is found out, not known."""
_FIGURE = re.compile(r"\d[\d.,]*")
_PASTED_CHARS = 200
_WIDE = 2.5
"""The letters that a Chinese character counts for: it has as much content, and as many tokens."""
_FIRST_WIDE = "\u2e80"
_ERRAND_WIDTH = 30
"""The maximum width of an answer to a prompt without work: committed, pushed."""
_WORK = {MessageClass.QUESTION, MessageClass.REQUEST, MessageClass.PASTED}
_FITS = 0.5
"""The minimum type match of a statement that may answer a question."""
_NOTHING = {MessageClass.ACKNOWLEDGEMENT, MessageClass.NON_ANSWER, MessageClass.QUOTATION}
"""Classes of answers that find nothing."""
_WAITS = {MessageClass.NON_ANSWER, MessageClass.QUESTION}
"""Classes of answers that leave the prompt open."""
_STATES = {MessageClass.STATEMENT, MessageClass.ANSWER}
_KIND_ASKED_FOR = re.compile(
    r"\b(?:which|what) \w+(?= (?:are|can|did|do|have|must|should|were|will) (?:i|we|you)\b)"
    r"|(?<=在)哪[个些]?[\u4e00-\u9fff]{1,4}(?=\W*\Z)",
    re.IGNORECASE,
)
_UNANSWERED = (MessageClass.QUESTION, MessageClass.NON_ANSWER)


class Exchange(NamedTuple):
    """A prompt, its outcome, and whether it still waits for an answer.

    The prompt is None if it only says to continue. One that `states` something is a fact, and
    neither asks for anything nor sets a task.
    """

    asked: SessionTurn | None
    found: SessionTurn | None
    is_open: bool = False
    states: bool = False

    @property
    def turns(self) -> Iterator[tuple[SessionTurn, bool]]:
        """Yield the turns, each with whether it waits for an answer."""
        if self.asked:
            yield self.asked, self.is_open
        if self.found:
            yield self.found, False

    @property
    def open_question(self) -> SessionTurn | None:
        """The question that waits for its answer; None for a task or an answered question."""
        asks = self.asked is not None and self.asked.message_class is MessageClass.QUESTION
        return self.asked if asks and self.is_open else None

    @property
    def is_look_up(self) -> bool:
        """Whether it asks for something known and is answered in few words."""
        if self.is_open or not self.asked or not self.found:
            return False
        if self.asked.message_class != MessageClass.QUESTION:
            return False
        asked, answer = self.asked.memory.content, self.found.memory.content
        is_short = shortened(answer, _LOOK_UP_WIDTH) == answer
        is_known = not (REPORTS_CHANGE.search(answer) or _WHY.search(asked))
        return is_short and is_known

    @property
    def is_informative(self) -> bool:
        """Whether it waits for its answer, or contains more than a look-up or an errand."""
        if not self.asked or self.is_look_up:
            return False
        answer = self.found.memory.content if self.found else ""
        return self.is_open or shortened(answer, _ERRAND_WIDTH) != answer

    @property
    def is_work(self) -> bool:
        """Whether it sets a task, or work was done for it: more than an errand."""
        if not self.asked or not self.is_informative:
            return False
        answer = self.found.memory.content if self.found else ""
        if self.asked.message_class in _WORK or sets_task(self.asked.memory.content):
            return True
        return reports_work(Role.ASSISTANT, answer)


def select_exchanges(all_there: Sequence[Exchange], last: int) -> list[Exchange]:
    """Return the exchanges that summarize a session.

    They are its first exchange, the last one in which work was done, and the `last` ones. Look-ups
    are left out unless there is nothing else.
    """
    chosen = [one for one in all_there if not one.is_look_up] or [*all_there[-1:]]
    before = chosen[:-last]
    worked = [one for one in chosen[1:] if one.is_work][-1:]
    return [*before[:1], *(one for one in worked if one in before), *chosen[-last:]]


def informative_others(
    all_there: Sequence[Exchange], selected: Sequence[Exchange]
) -> list[Exchange]:
    """Return the other informative exchanges of a session, the latest first."""
    others = (one for one in reversed(all_there) if one not in selected)
    return [one for one in others if one.is_informative or one.states]


def is_resolved(question: SessionTurn, later: Sequence[Exchange]) -> bool:
    """Return whether later exchanges ask a question again, or state what may answer it.

    An answer has all words of the question, or is on its subject and names a thing of the kind
    asked for. The word for that kind may be missing if the statement says what is done: "We deploy
    to eu-central-1." names a region.
    """
    asked = question.memory.content
    said = [turn for one in later for turn, _ in one.turns]
    asked_again = (turn for turn in said if turn.message_class is MessageClass.QUESTION)
    if any(is_equal_question(turn.memory.content, asked) for turn in asked_again):
        return True
    wanted = [one for one in (asked, _KIND_ASKED_FOR.sub(" ", asked)) if _has_content(one)]
    stated = [one.asked for one in later if one.asked and one.states]
    stated += [one.found for one in later if one.found and one.found.message_class in _STATES]
    return any(
        _answers(turn.memory.content, asked)
        or any(adds_nothing(one, turn.memory.content) for one in wanted)
        for turn in stated
    )


def _answers(text: str, question: str) -> bool:
    """Return whether a statement of any session may answer a question in other words."""
    names = type_match(question, text) >= _FITS
    return names and shares_content(text, question) and answers_late(text, question)


def _has_content(text: str) -> bool:
    return bool(analyze(text).content or analyze(text).runs)


def exchanges_in(turns: Sequence[SessionTurn]) -> list[Exchange]:
    """Return the exchanges of a session, given its turns in order.

    Only the last text of an assistant's turn counts, and not one that only repeats the prompt. Of a
    look-up that was corrected, the correction counts. Prompts without content, such as thanks, are
    left out unless something was found for them, and so are questions that were asked again and
    answered then.
    """
    exchanges: list[Exchange] = []
    before = ""
    for index, turn in enumerate(turns):
        if turn.memory.role is not Role.USER:
            continue
        if exchanges and exchanges[-1].is_look_up and _puts_right(turn, exchanges[-1]):
            exchanges[-1] = exchanges[-1]._replace(found=turn)
            continue
        following = turns[index + 1 : _next_prompt(turns, index + 1)]
        last = following[-1] if following else None
        found = None if last is None or _says_nothing(turn, last) else last
        is_last = index + len(following) + 1 == len(turns)
        is_open = _is_open(turn, last, is_last=is_last)
        is_new = not (before and found and adds_nothing(turn.memory.content, before))
        if found or turn.message_class is not MessageClass.ACKNOWLEDGEMENT:
            states = not is_open and _states(turn, last)
            exchanges.append(Exchange(turn if is_new else None, found, is_open, states))
        before = f"{turn.memory.content} {last.memory.content if last else ''}"
    return [
        one
        for place, one in enumerate(exchanges)
        if not any(_asks_the_same(one, later) for later in exchanges[place + 1 :])
    ]


def _asks_the_same(one: Exchange, later: Exchange) -> bool:
    """Return whether a later exchange answers the same question."""
    if not (one.asked and later.asked and later.found):
        return False
    text = one.asked.memory.content
    is_question = one.asked.message_class is MessageClass.QUESTION and analyze(text).content
    return bool(is_question) and says_the_same(text, later.asked.memory.content)


def _puts_right(turn: SessionTurn, exchange: Exchange) -> bool:
    """Return whether a turn corrects the answer found for a question."""
    asked, found = (one.memory.content if one else "" for one in exchange[:2])
    is_statement = turn.message_class is MessageClass.STATEMENT
    return is_statement and corrects(turn.memory.content, found, asked)


def _is_open(asked: SessionTurn, last: SessionTurn | None, *, is_last: bool) -> bool:
    """Return whether a prompt still waits for its answer: `last` is none.

    The user may continue a task in other words, so that only the last one is certainly open.
    """
    task = _FIGURE.sub("", asked.memory.content)
    if asked.message_class not in _WORK and not sets_task(task):
        return False
    if last is None or _is_cut_short(last):
        return is_last
    if is_last and awaits_decision(asked.memory.content, last.ending):
        return True
    if asked.is_answered or last.message_class not in _WAITS:
        return False
    return is_last or (asked.message_class, last.message_class) == _UNANSWERED


def _states(said: SessionTurn, last: SessionTurn | None) -> bool:
    """Return whether a prompt states a fact; an answer may show that it set a task."""
    text = said.memory.content
    if said.message_class is not MessageClass.STATEMENT or asks_for(text) or sets_task(text):
        return False
    return last is None or not responds_to_task(Role.ASSISTANT, last.memory.content)


def _is_cut_short(last: SessionTurn) -> bool:
    """Return whether a turn ends while its agent works, or with what it was about to do."""
    return last.is_unfinished or announces_work(last.ending)


def _says_nothing(asked: SessionTurn, last: SessionTurn) -> bool:
    """Return whether a prompt has no answer, or one that only acknowledges its statement."""
    if last.message_class in _NOTHING or _is_cut_short(last):
        return True
    if asked.message_class is MessageClass.QUESTION:
        return False
    said = _HEARD.sub("", last.memory.content)
    took_note = said != last.memory.content and not asked.message_class.asks
    is_short = shortened(said, _NOTE_WIDTH) == said and not REPORTS_CHANGE.search(said)
    return (took_note and is_short) or adds_nothing(said, asked.memory.content)


def excerpt(turn: SessionTurn) -> str:
    """Return a message as it is shown: its beginning, or both ends of a pasted text."""
    content = turn.memory.content
    if turn.message_class is MessageClass.PASTED:
        first, last = (_line(text, place) for text, place in ((content, 0), (turn.ending, -1)))
        left_out = turn.chars - len(first) - len(last)
        return f"{first} [… {left_out:,} characters …] {last}" if left_out > 1 else content
    width = _ASKED_WIDTH if turn.memory.role is Role.USER else _FOUND_WIDTH
    return shortened(content, width)


def _line(text: str, place: int) -> str:
    """Return a line of a text, cut at its end if it is long, at its beginning if it is the last."""
    line = text.strip().splitlines()[place]
    return line[:_PASTED_CHARS] if place == 0 else line[-_PASTED_CHARS:]


def shortened(content: str, width: float = _FOUND_WIDTH) -> str:
    """Return the beginning of a text, or the whole text if it is short."""
    for place, char in enumerate(content):
        width -= _WIDE if char >= _FIRST_WIDE else 1
        if width < 0:
            return f"{content[:place].rstrip()}…"
    return content


def _next_prompt(turns: Sequence[SessionTurn], start: int) -> int:
    following = range(start, len(turns))
    return next((one for one in following if turns[one].memory.role is Role.USER), len(turns))

"""What was said so far, and what of it is worth handing out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.cli.benchmark.agents.story import StoryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sage.cli.benchmark.agents.memory import Handed, RecalledPart
    from sage.cli.benchmark.agents.story import Story, StoryLine, StorySession, StoryTurn

LAST_SESSIONS = 5
"""Of how many sessions of a project tasks and findings are relevant at a start."""
_ECHOES = {StoryKind.QUESTION, StoryKind.NON_ANSWER, StoryKind.ACKNOWLEDGEMENT, StoryKind.TALK}
_LASTING = {StoryKind.FACT, StoryKind.DECISION, StoryKind.PREFERENCE}
_RELEVANT_AT_START = {
    StoryKind.TASK,
    StoryKind.FACT,
    StoryKind.DECISION,
    StoryKind.PREFERENCE,
    StoryKind.FOUND,
    StoryKind.ANSWER,
}
_ANSWERS = {StoryKind.FACT, StoryKind.DECISION, StoryKind.FOUND, StoryKind.ANSWER}
_BEGINNING = 60


@dataclass(frozen=True, slots=True)
class StoryMessage:
    """A message that was said: in which session, by or to whom, whether it was taken back."""

    key: str
    line: StoryLine
    session: StorySession
    taken_back: bool

    def stands_in(self, text: str) -> bool:
        """Report whether a text quotes it, if only the beginning of its first line."""
        return _plain(self.line.text.partition("\n")[0])[:_BEGINNING] in _plain(text)


@dataclass(slots=True)
class Truth:
    """All that was said until now, by message, project and person; and the values that hold."""

    story: Story
    said: dict[str, StoryMessage] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    _replies: dict[str, str] = field(default_factory=dict)
    _sessions: dict[str, StorySession] = field(default_factory=dict)
    _of_project: dict[str, list[str]] = field(default_factory=dict)
    _of_session: dict[str, list[StoryMessage]] = field(default_factory=dict)

    def add(self, session: StorySession, number: int) -> None:
        """Note a turn."""
        turn = session.turns[number]
        self._sessions[session.name] = session
        known = self._of_project.setdefault(session.project, [])
        if session.name in known:
            known.remove(session.name)
        known.append(session.name)
        for place, line in enumerate(turn.lines()):
            one = StoryMessage(session.key(number, place), line, session, turn.taken_back)
            self.said[one.key] = one
            self._of_session.setdefault(session.name, []).append(one)
            if not turn.taken_back and line.kind is not StoryKind.WRONG:
                self.values.update(line.facts)
        prompt = session.key(number, 0)
        if turn.answer is not None:
            self._replies[prompt] = session.key(number, 1 + len(turn.remarks))
        before = session.turns[number - 1].answer if number else None
        if before is not None and before.kind is StoryKind.WRONG:
            self._replies[session.key(number - 1, 0)] = prompt

    def last_task(self, project: str) -> StoryMessage | None:
        """Return the last task that was set on a project."""
        return self._last(project, {StoryKind.TASK})

    def last_found(self, project: str) -> StoryMessage | None:
        """Return what was found last on a project."""
        return self._last(project, {StoryKind.FOUND})

    def last_decision(self, project: str) -> StoryMessage | None:
        """Return what was decided last on a project."""
        return self._last(project, {StoryKind.DECISION})

    def left_open(self, project: str) -> str:
        """Return what was left open in the last two sessions of a project."""
        for name in self._of_project.get(project, [])[-2:][::-1]:
            for one in reversed(self._of_session[name]):
                if one.line.leaves_open and not one.taken_back:
                    return one.line.leaves_open
        return ""

    def preferences(self, person: str) -> list[StoryMessage]:
        """Return what a person has said to prefer."""
        return [
            one
            for one in self.said.values()
            if one.line.kind is StoryKind.PREFERENCE
            and one.session.person == person
            and not one.taken_back
        ]

    def in_context(self, session: StorySession) -> set[str]:
        """Return the keys of the facts that a session has heard itself, or its origin has."""
        names = [session.name]
        while origin := self._sessions.get(names[-1], session).origin:
            names.append(origin)
        return {
            key
            for name in names
            for one in self._of_session.get(name, ())
            for key, value in one.line.facts
            if self.values.get(key) == value
        }

    def is_relevant_at_start(self, session: StorySession, entry: RecalledPart) -> bool:
        """Report whether an entry is relevant at the start of a session."""
        return any(self._is_worth_a_start(session, one) for one in self._quoted(entry))

    def _is_worth_a_start(self, session: StorySession, one: StoryMessage) -> bool:
        of_project = self._of_project.get(session.project, [])
        kind, asked_in = one.line.kind, one.session.name
        if kind is StoryKind.PREFERENCE:
            return one.session.person == session.person
        if one.session.project != session.project:
            return False
        if kind is StoryKind.QUESTION:
            reply = self._reply_to(one)
            is_open = reply is None or reply.line.kind is StoryKind.NON_ANSWER
            return is_open and asked_in in of_project[-2:]
        return kind in _LASTING or (
            kind in _RELEVANT_AT_START and asked_in in of_project[-LAST_SESSIONS:]
        )

    def leads_to(self, entry: RecalledPart, beside: Collection[str]) -> bool:
        """Report whether an entry is what one of the messages `beside` it replies to."""
        return any(
            (reply := self._reply_to(one)) is not None and reply.key in beside
            for one in self._quoted(entry)
        )

    def _reply_to(self, one: StoryMessage) -> StoryMessage | None:
        return self.said.get(self._replies.get(one.key, ""))

    def answers(self, session: StorySession, turn: StoryTurn, entry: RecalledPart) -> bool:
        """Report whether an entry answers a prompt, or is about its subject.

        To a question only the facts that it wants are an answer; where a task is set, all that is
        known of its subject is relevant.
        """
        wanted = {self.values[key] for key in turn.wants if key in self.values}
        if any(names(entry.text, value) for value in wanted):
            return True
        if turn.prompt.kind is not StoryKind.TASK:
            return False
        return any(
            one.line.kind in _ANSWERS
            and one.session.project == session.project
            and one.line.about & turn.prompt.about
            for one in self._quoted(entry)
        )

    def is_echo(self, entry: RecalledPart) -> bool:
        """Report whether an entry quotes nothing but questions, non-answers and the like."""
        kinds = {one.line.kind for one in self._all_quoted(entry)}
        return bool(kinds) and kinds <= _ECHOES

    def is_remark(self, entry: RecalledPart) -> bool:
        """Report whether an entry quotes nothing but remarks."""
        kinds = {one.line.kind for one in self._all_quoted(entry)}
        return kinds == {StoryKind.REMARK}

    def is_taken_back(self, entry: RecalledPart) -> bool:
        """Report whether an entry quotes what was taken back."""
        return any(self.said[key].taken_back for key in entry.keys if key in self.said)

    def _last(self, project: str, kinds: set[StoryKind]) -> StoryMessage | None:
        for name in reversed(self._of_project.get(project, [])):
            for one in reversed(self._of_session[name]):
                if one.line.kind in kinds and not one.taken_back:
                    return one
        return None

    def _quoted(self, entry: RecalledPart) -> Iterator[StoryMessage]:
        """Yield what an entry quotes that was not taken back, and holds."""
        for one in self._all_quoted(entry):
            stale = any(self.values.get(key) != value for key, value in one.line.facts)
            if not one.taken_back and not stale:
                yield one

    def _all_quoted(self, entry: RecalledPart) -> Iterator[StoryMessage]:
        """Yield the messages whose keys an entry names, and others of their sessions in it."""
        for key in entry.keys:
            if (named := self.said.get(key)) is None:
                continue
            yield named
            for one in self._of_session[named.session.name]:
                if one.key not in entry.keys and one.stands_in(entry.text):
                    yield one


def holds(handed: Handed, one: StoryMessage) -> bool:
    """Report whether what is handed out quotes a message."""
    named = any(one.key in entry.keys for entry in handed.entries)
    return named or one.stands_in(handed.text)


def names(text: str, value: str) -> bool:
    """Report whether a text has the value of a fact, and not only as a part of another one."""
    alone = rf"(?<![a-z0-9]){re.escape(value.casefold())}(?![a-z0-9])"
    return re.search(alone, text.casefold()) is not None


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()

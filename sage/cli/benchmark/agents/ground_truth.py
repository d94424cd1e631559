"""The ground truth: all messages so far, and which of them are relevant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.cli.benchmark.agents.story import StoryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sage.cli.benchmark.agents.memory import RecalledContext, RecalledEntry
    from sage.cli.benchmark.agents.story import Story, StoryLine, StorySession, StoryTurn

LAST_SESSIONS = 5
"""Tasks and findings of this many last sessions of a project are relevant at a start."""
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
    """A message, its session, and whether it was taken back."""

    key: str
    line: StoryLine
    session: StorySession
    taken_back: bool

    def is_quoted_in(self, text: str) -> bool:
        """Report whether a text quotes it, or the beginning of its first line."""
        return _plain(self.line.text.partition("\n")[0])[:_BEGINNING] in _plain(text)


@dataclass(slots=True)
class GroundTruth:
    """All messages until now by key, project and session, and the current values of facts."""

    story: Story
    messages: dict[str, StoryMessage] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    _replies: dict[str, str] = field(default_factory=dict)
    _sessions: dict[str, StorySession] = field(default_factory=dict)
    _of_project: dict[str, list[str]] = field(default_factory=dict)
    _of_session: dict[str, list[StoryMessage]] = field(default_factory=dict)

    def add(self, session: StorySession, number: int) -> None:
        """Record a turn."""
        turn = session.turns[number]
        self._sessions[session.name] = session
        known = self._of_project.setdefault(session.project, [])
        if session.name in known:
            known.remove(session.name)
        known.append(session.name)
        for place, line in enumerate(turn.lines()):
            one = StoryMessage(session.key(number, place), line, session, turn.taken_back)
            self.messages[one.key] = one
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
        """Return the last task of a project, None without one."""
        return self._last(project, {StoryKind.TASK})

    def last_found(self, project: str) -> StoryMessage | None:
        """Return the latest findings on a project, None without any."""
        return self._last(project, {StoryKind.FOUND})

    def last_decision(self, project: str) -> StoryMessage | None:
        """Return the last decision on a project, None without one."""
        return self._last(project, {StoryKind.DECISION})

    def left_open(self, project: str) -> str:
        """Return what the last two sessions of a project left unfinished, "" if nothing."""
        for name in self._of_project.get(project, [])[-2:][::-1]:
            for one in reversed(self._of_session[name]):
                if one.line.leaves_open and not one.taken_back:
                    return one.line.leaves_open
        return ""

    def preferences(self, person: str) -> list[StoryMessage]:
        """Return all preferences that a person has stated."""
        return [
            one
            for one in self.messages.values()
            if one.line.kind is StoryKind.PREFERENCE
            and one.session.person == person
            and not one.taken_back
        ]

    def in_context(self, session: StorySession) -> set[str]:
        """Return the keys of the current facts stated in a session or those it continues."""
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

    def is_relevant_at_start(self, session: StorySession, entry: RecalledEntry) -> bool:
        """Report whether an entry is relevant at the start of a session."""
        return any(self._is_message_relevant_at_start(session, one) for one in self._quoted(entry))

    def _is_message_relevant_at_start(self, session: StorySession, one: StoryMessage) -> bool:
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

    def is_answered_by(self, entry: RecalledEntry, keys: Collection[str]) -> bool:
        """Report whether one of the messages `keys` answers a message of an entry."""
        return any(
            (reply := self._reply_to(one)) is not None and reply.key in keys
            for one in self._quoted(entry)
        )

    def _reply_to(self, one: StoryMessage) -> StoryMessage | None:
        return self.messages.get(self._replies.get(one.key, ""))

    def answers(self, session: StorySession, turn: StoryTurn, entry: RecalledEntry) -> bool:
        """Report whether an entry is relevant to a prompt.

        Relevant to a question are only the facts that it asks for; to a task, also facts, decisions
        and findings on the same subject.
        """
        needed = {self.values[key] for key in turn.needs if key in self.values}
        if any(contains_value(entry.text, value) for value in needed):
            return True
        if turn.prompt.kind is not StoryKind.TASK:
            return False
        return any(
            one.line.kind in _ANSWERS
            and one.session.project == session.project
            and one.line.about & turn.prompt.about
            for one in self._quoted(entry)
        )

    def is_echo(self, entry: RecalledEntry) -> bool:
        """Report whether an entry quotes only questions, non-answers and the like."""
        kinds = {one.line.kind for one in self._all_quoted(entry)}
        return bool(kinds) and kinds <= _ECHOES

    def is_remark(self, entry: RecalledEntry) -> bool:
        """Report whether an entry quotes only remarks."""
        kinds = {one.line.kind for one in self._all_quoted(entry)}
        return kinds == {StoryKind.REMARK}

    def is_taken_back(self, entry: RecalledEntry) -> bool:
        """Report whether an entry quotes a message that was taken back."""
        return any(self.messages[key].taken_back for key in entry.keys if key in self.messages)

    def _last(self, project: str, kinds: set[StoryKind]) -> StoryMessage | None:
        for name in reversed(self._of_project.get(project, [])):
            for one in reversed(self._of_session[name]):
                if one.line.kind in kinds and not one.taken_back:
                    return one
        return None

    def _quoted(self, entry: RecalledEntry) -> Iterator[StoryMessage]:
        """Yield the quoted messages that were not taken back and are still true."""
        for one in self._all_quoted(entry):
            stale = any(self.values.get(key) != value for key, value in one.line.facts)
            if not one.taken_back and not stale:
                yield one

    def _all_quoted(self, entry: RecalledEntry) -> Iterator[StoryMessage]:
        """Yield the messages an entry names by key, and quoted ones of the same sessions."""
        for key in entry.keys:
            if (named := self.messages.get(key)) is None:
                continue
            yield named
            for one in self._of_session[named.session.name]:
                if one.key not in entry.keys and one.is_quoted_in(entry.text):
                    yield one


def quotes(recalled: RecalledContext, one: StoryMessage) -> bool:
    """Report whether a recalled context quotes a message."""
    named = any(one.key in entry.keys for entry in recalled.entries)
    return named or one.is_quoted_in(recalled.text)


def contains_value(text: str, value: str) -> bool:
    """Report whether a text contains a value, not only as a part of a longer word or number."""
    alone = rf"(?<![a-z0-9]){re.escape(value.casefold())}(?![a-z0-9])"
    return re.search(alone, text.casefold()) is not None


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()

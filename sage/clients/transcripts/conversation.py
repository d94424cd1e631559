"""Assign the messages of a transcript to turns, and find those that the user took back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sage.clients.transcripts.cleaning import spoken
from sage.clients.transcripts.turns import MAX_CHARS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sage.clients.transcripts.turns import Turn

INTERRUPTED = ("[Request interrupted by user", "<turn_aborted>")
"""Beginnings of messages in a user's name that report an interruption of the turn."""


@dataclass(frozen=True, slots=True)
class _TranscriptMessage:
    """A message that was not taken back. `parent` is the preceding line, None if unknown."""

    key: str
    is_prompt: bool
    parent: str | None
    event: str
    parts: int


class Conversation:
    """The messages of one transcript in order.

    Messages that the user took back, by going back to before them, or by interrupting a prompt
    before any response, are replaced by the next prompt. Until there is one, they remain valid.
    Actions of an agent on its own, such as compaction, take nothing back.
    """

    def __init__(self, turn: str = "", latest_line: str = "") -> None:
        self._turn = turn
        self.latest_line = latest_line
        self._path: list[_TranscriptMessage] = []
        self._gone: list[_TranscriptMessage] = []
        self._is_idle = False
        self._is_unfinished = False
        self._passed: dict[str, str] = {}
        self._after: dict[str, int] = {}

    @property
    def turn(self) -> str:
        """Return the key of the message that began the latest turn."""
        return self._turn

    @property
    def is_undecided(self) -> bool:
        """Return whether something was taken back and not yet replaced."""
        return bool(self._gone)

    @property
    def is_unfinished(self) -> bool:
        """Return whether the agent kept working after the latest message, or was interrupted."""
        return self._is_unfinished

    def follow(self, key: str, parent: str | None, *, is_passed: bool = False) -> str | None:
        """Place a line behind its parent, "" for none; return the line that it follows.

        A line that is passed does not belong to the conversation: its children follow its parent.
        """
        parent = parent if parent is None else self._passed.get(parent, parent)
        if is_passed:
            self._passed[key] = parent or ""
        self.latest_line = "" if is_passed else key
        return parent

    def is_passed(self, key: str | None) -> bool:
        """Return whether a line was passed over."""
        return key in self._passed

    def work(self) -> None:
        """Record that the agent did something after the latest message."""
        self._is_idle, self._is_unfinished = False, True

    def say(
        self,
        turn: Turn,
        parent: str | None = None,
        event: str = "",
        *,
        at_work: bool = False,
    ) -> Turn | None:
        """Add the next message; return it with its turn, None for one without a speaker.

        A prompt has the keys of what it replaces; one without text, of an image, replaces nothing
        by itself, but begins a turn. A prompt that the user wrote while the agent was `at_work`
        belongs to the current turn. `event` is the id of its line if that differs from the key of
        the message.
        """
        is_prompt = turn.role == "user" and not at_work
        text = turn.text.lstrip()
        if is_prompt and text.startswith(INTERRUPTED):
            self.interrupt()
            return None
        if is_prompt:
            self._turn, self._is_idle = turn.key, True
        else:
            self._is_idle = False
        is_said = bool(spoken(turn.text))
        if turn.text and not is_said:
            return None
        self._is_unfinished = False
        replaced: list[_TranscriptMessage] = []
        if is_prompt:
            self._leave_branch(parent)
        if is_prompt and is_said:
            replaced, self._gone = self._gone, []
        self._path.append(_TranscriptMessage(turn.key, is_prompt, parent, event, _most_parts(turn)))
        if not is_said:
            return None
        replaces = tuple(
            (one.key, one.parts) for one in replaced if one.parts and one.key != turn.key
        )
        return replace(turn, turn=self._turn, replaces=replaces)

    def interrupt(self) -> None:
        """Mark the latest prompt as taken back if it had no response."""
        if self._is_idle and self._path and self._path[-1].is_prompt:
            self._withdraw(len(self._path) - 1)
        self._is_idle, self._is_unfinished = False, True

    def go_back_to(self, key: str) -> None:
        """Mark a message, by its key or that of its line, and all after it as taken back."""
        for place, one in enumerate(self._path):
            if key in (one.key, one.event):
                self._withdraw(place)
                break

    def go_back_turns(self, count: int) -> None:
        """Mark the latest prompts and everything after the first of them as taken back."""
        prompts = [place for place, one in enumerate(self._path) if one.is_prompt]
        if count > 0 and prompts:
            self._withdraw(prompts[max(0, len(prompts) - count)])

    def keep_only(self, keys: Collection[str]) -> None:
        """Mark the latest prompt as taken back if only it is not among the keys."""
        if len(self._path) > 1 and self._path[-1].is_prompt:
            last, before = self._path[-1].key, self._path[-2].key
            if before in keys and last not in keys:
                self._withdraw(len(self._path) - 1)

    def withdraw(self, turn: Turn) -> None:
        """Mark a message of another file as taken back."""
        self._gone.append(
            _TranscriptMessage(turn.key, turn.role == "user", None, "", _most_parts(turn))
        )

    def _leave_branch(self, parent: str | None) -> None:
        """Mark a branch as taken back if it began with a prompt after the same line as the next."""
        if parent is None:
            return
        place = self._after.get(parent, len(self._path))
        if self._path[place : place + 1] and self._path[place].parent == parent:
            self._withdraw(place)
        self._after[parent] = len(self._path)

    def _withdraw(self, place: int) -> None:
        self._gone += self._path[place:]
        del self._path[place:]


def _most_parts(turn: Turn) -> int:
    """Return the maximum number of parts of a stored message."""
    return 1 + len(turn.text) // (MAX_CHARS // 2) if turn.text else 0

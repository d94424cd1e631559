"""Arguments of the hooks of AI clients: captured messages, and requests to recall."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from sage.api.arguments.space import SpaceArguments
from sage.domain import limits
from sage.domain.recall import RecallRequest, SessionToForget
from sage.domain.transfer import LineReader
from sage.domain.validation import validate_id, validate_number, validate_text
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from sage.domain.caller import Caller
    from sage.domain.transfer import TransferredMemory

_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_MAX_PROJECT_CHARS = 4_096
_MAX_FORKED_FROM = 10
_MAX_COMMANDS = 3


class CaptureArguments(SpaceArguments):
    """Messages of a client's transcript, in the form of `sage export`."""

    client: str
    memories: list[dict[str, Any]]

    def to_memories(self, caller: Caller) -> list[TransferredMemory]:
        """Validate the messages. Raises InvalidInputError."""
        _require_client(self.client)
        validate_number("memories", len(self.memories), 1, limits.MAX_MESSAGES_PER_SAVE)
        reader = LineReader(space_id=caller.space_id)
        parsed = (
            reader.parse_value(f"memories[{number}]", value)
            for number, value in enumerate(self.memories)
        )
        return [replace(memory, author=caller.author) for memory in parsed]


class RecallArguments(SpaceArguments):
    """The session of a client, its project, and the prompt; none at the start of the session.

    `forked_from`: the sessions that it was forked from. Before an edit, `file` is the path of the
    file in the project; before a command, `commands` are its programs, each with its first word.
    """

    client: str
    event: str
    session: str = ""
    forked_from: list[str] = Field(default_factory=list)
    project: str = ""
    query: str = ""
    known: list[str] = Field(default_factory=list)
    file: str = ""
    commands: list[str] = Field(default_factory=list)

    def to_request(self, caller: Caller) -> RecallRequest:
        """Validate the request. Raises InvalidInputError."""
        _require_client(self.client)
        sessions = [
            one[: limits.MAX_SESSION_ID_CHARS]
            for one in (self.session, *self.forked_from[:_MAX_FORKED_FROM])
        ]
        for name, text, most in (
            ("project", self.project, _MAX_PROJECT_CHARS),
            ("query", self.query, limits.MAX_QUERY_CHARS),
            ("file", self.file, _MAX_PROJECT_CHARS),
            *(("commands", one, limits.MAX_QUERY_CHARS) for one in self.commands[:_MAX_COMMANDS]),
            *(("session", one, limits.MAX_SESSION_ID_CHARS) for one in sessions),
        ):
            if text:
                validate_text(name, text, most)
        return RecallRequest(
            session_ids=[f"{self.client}:{one}"[: limits.MAX_SESSION_ID_CHARS] for one in sessions],
            project=self.project,
            query=self.query,
            known=[validate_id("known", one) for one in self.known[: limits.MAX_FORGET_IDS]],
            space_id=caller.space_id,
            reader=caller.author,
            file=self.file,
            commands=self.commands[:_MAX_COMMANDS],
        )


class SessionArguments(SpaceArguments):
    """A session of a client to forget or to restore."""

    client: str
    session: str
    undo: bool = False

    def to_request(self, caller: Caller, *, own: bool) -> SessionToForget:
        """Validate the request; `own`: only what the caller saved. Raises InvalidInputError."""
        _require_client(self.client)
        validate_text("session", self.session, limits.MAX_SESSION_ID_CHARS)
        session_id = f"{self.client}:{self.session}"[: limits.MAX_SESSION_ID_CHARS]
        return SessionToForget(session_id, self.undo, caller.space_id, caller.author, own)


def _require_client(client: str) -> None:
    """Require a name of plain characters: it becomes part of the source of memories."""
    if not _CLIENT.fullmatch(client):
        raise InvalidInputError(
            "client",
            "{field} is not the name of a client",
            hint="pass at most 40 letters, digits, dots, dashes and underscores, such as codex",
        )

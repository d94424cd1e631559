"""The interface of a memory to be evaluated, and its implementation for Sage."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import httpx

from sage.access.accounts.tokens import create_token
from sage.access.accounts.users import add_user
from sage.cli.benchmark.agents.transcripts import StoryTranscript, source_key
from sage.cli.benchmark.sandbox import dsn_of
from sage.cli.benchmark.server import sage_server
from sage.clients.hooks.capture import spool, worker
from sage.clients.hooks.launcher import hook_address, record_server, record_token
from sage.clients.hooks.payload import Payload
from sage.clients.hooks.recall import answers
from sage.clients.transcripts.turns import memory_id
from sage.domain.caller import SpaceRole
from sage.domain.ids import short_id
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import SageError
from sage.phrases import phrase
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from sage.cli.benchmark.agents.story import Story, StorySession
    from sage.cli.benchmark.server import RunningServer
    from sage.config.settings import Settings

_ENTRY = re.compile(r"^\[([0-9a-f]{8})\] ", re.MULTILINE)
_PATIENCE_S = 30.0
_SETTLE_S = 1_800.0
_POLL_S = 0.1
_MIN_PART_CHARS = 50_000
"""Lower bound of the length of the parts of a split message, except the last one."""
_EVENTS = {
    "start": "SessionStart",
    "prompt": "UserPromptSubmit",
    "stop": "Stop",
    "end": "SessionEnd",
}


@dataclass(frozen=True, slots=True)
class RecalledEntry:
    """A part of what is recalled, and the keys of the messages that it quotes."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecalledContext:
    """What a client adds to the context of a model: the whole text, and its entries."""

    text: str = ""
    entries: tuple[RecalledEntry, ...] = ()


NOTHING = RecalledContext()


class MemorySystem(Protocol):
    """A memory to be evaluated. The methods are called in the order of the sessions."""

    async def begin(self, session: StorySession) -> RecalledContext:
        """Begin a session; return what is recalled at its start."""

    async def ask(self, session: StorySession, turn: int) -> RecalledContext:
        """Return what is recalled before the prompt of a turn."""

    async def store_turn(self, session: StorySession, turn: int) -> None:
        """Store the messages of a turn, after it was answered."""

    async def store_session(self, session: StorySession) -> None:
        """Store a whole session that is not evaluated."""

    async def settle(self) -> None:
        """Wait until everything stored can be found."""


class SageMemory:
    """Sage with its hooks: they read transcripts as clients write them, and recall over HTTP.

    Each person has separate hooks and a token. The hooks run in this process with the code of the
    hook program, but without its timeouts, so that load does not change the results.
    """

    def __init__(self, server: RunningServer, homes: Mapping[str, Path], folder: Path) -> None:
        self._server = server
        self._homes = homes
        self._folder = folder
        self._written: dict[str, StoryTranscript] = {}
        self._keys: dict[str, str] = {}

    async def begin(self, session: StorySession) -> RecalledContext:
        """Begin a session; return what is recalled at its start or before its first prompt.

        Raises SageError.
        """
        self._transcript(session)
        home = self._home(session)
        payload = self._payload("start", session, source=str(session.begins))
        spool.add(home, payload)
        self._drain(session)
        answer = answers.open_session(home, payload, _PATIENCE_S)
        says_nothing = self._payload("prompt", session)
        return self._recalled(answer or answers.answer_prompt(home, says_nothing, _PATIENCE_S))

    async def ask(self, session: StorySession, turn: int) -> RecalledContext:
        """Return what the prompt hook recalls. Raises SageError."""
        payload = self._payload("prompt", session, prompt=session.turns[turn].prompt.text)
        return self._recalled(answers.answer_prompt(self._home(session), payload, _PATIENCE_S))

    async def store_turn(self, session: StorySession, turn: int) -> None:
        """Add a turn to the transcript, and run the hook of its end. Raises SageError."""
        self._transcript(session).add_turn(session, turn, str(self._project(session)))
        answer = session.turns[turn].answer
        reply = "" if answer is None else answer.text
        self._capture(session, "stop", last_assistant_message=reply)

    async def store_session(self, session: StorySession) -> None:
        """Write the transcript of a session, and run the hook of its end. Raises SageError.

        It captures all turns, since their hooks have not run.
        """
        transcript = self._transcript(session)
        for turn, _ in enumerate(session.turns):
            transcript.add_turn(session, turn, str(self._project(session)))
        self._capture(session, "end")

    async def settle(self) -> None:
        """Wait until the embedding queue is empty. Raises SageError."""
        deadline = time.monotonic() + _SETTLE_S
        async with httpx.AsyncClient(base_url=self._server.url, trust_env=False) as client:
            while time.monotonic() < deadline:
                stats = (await client.get("/api/v1/stats")).raise_for_status().json()
                if not stats["queue"]["pending"]:
                    return
                await asyncio.sleep(_POLL_S)
        raise SageError(
            "what the hooks captured was not embedded", hint="`sage doctor` shows the reason"
        )

    def _home(self, session: StorySession) -> str:
        return str(self._homes[session.person])

    def _project(self, session: StorySession) -> Path:
        """Return the directory of a project, a Git repository."""
        folder = self._folder / session.project
        (folder / ".git").mkdir(parents=True, exist_ok=True)
        return folder

    def _transcript(self, session: StorySession) -> StoryTranscript:
        if session.name not in self._written:
            folder = self._folder / f"{session.person}-{session.client}-{session.project}"
            folder.mkdir(parents=True, exist_ok=True)
            origin = self._written.get(session.origin)
            self._written[session.name] = StoryTranscript(folder, session, origin)
        return self._written[session.name]

    def _payload(self, event: str, session: StorySession, **more: str) -> Payload:
        transcript = self._transcript(session)
        fields = {
            "session_id": transcript.session_id,
            "transcript_path": str(transcript.path),
            "cwd": str(self._project(session)),
            "hook_event_name": _EVENTS[event],
            **more,
        }
        return Payload([event, "--client", session.client], fields)

    def _capture(self, session: StorySession, event: str, **more: str) -> None:
        for turn, one in enumerate(session.turns):
            for number, line in enumerate(one.lines()):
                key = session.key(turn, number)
                named = source_key(session.client, key)
                for part in range(1 + len(line.text) // _MIN_PART_CHARS):
                    self._keys[short_id(memory_id(session.client, named, part))] = key
        spool.add(self._home(session), self._payload(event, session, **more))
        self._drain(session)

    def _drain(self, session: StorySession) -> None:
        home = self._home(session)
        worker.run(home)
        if spool.is_waiting(home):
            raise SageError(
                phrase(
                    "the hooks of {person} could not capture {name}",
                    person=session.person,
                    name=session.name,
                ),
                detail=str(home),
                hint="run the benchmark against a Sage that responds",
            )

    def _recalled(self, answer: bytes) -> RecalledContext:
        output = json.loads(answer) if answer else {}
        text = output.get("hookSpecificOutput", {}).get("additionalContext", "")
        begins = [found.start() for found in _ENTRY.finditer(text)]
        end = text.rfind("</sage-recall>")
        parts = [text[a:b] for a, b in zip(begins, [*begins[1:], end], strict=False)]
        return RecalledContext(
            text, tuple(RecalledEntry(part, self._quoted(part)) for part in parts)
        )

    def _quoted(self, part: str) -> tuple[str, ...]:
        found = (self._keys.get(digits) for digits in re.findall(r"\b[0-9a-f]{8}\b", part))
        return tuple(dict.fromkeys(key for key in found if key))


@asynccontextmanager
async def sage_memory(settings: Settings, story: Story) -> AsyncIterator[SageMemory]:
    """Start Sage, with a user and hooks for each person of a story. Raises SageError."""
    folder = settings.data_dir / f"agents {story.name}"
    homes = {person: folder / f"home-{number}" for number, person in enumerate(story.people)}
    async with sage_server(settings) as server:
        for person, token in (await _tokens(settings, [*homes])).items():
            homes[person].mkdir(parents=True)
            record_server(homes[person], hook_address(server.host, server.port))
            record_token(homes[person], DEFAULT_SPACE, token)
        yield SageMemory(server, homes, folder)


async def _tokens(settings: Settings, people: Sequence[str]) -> dict[str, str]:
    """Create a user of the default space for each person, and return their tokens."""
    database = await open_database(dsn_of(settings))
    try:
        tokens = {}
        for person in people:
            async with database.transaction_across_spaces() as conn:
                await add_user(conn, person)
                tokens[person] = await create_token(
                    conn, {DEFAULT_SPACE: SpaceRole.WRITER}, user=person
                )
        return tokens
    finally:
        await database.close()

"""The audit event of a call, recorded while it runs."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sage.domain.caller import Principal

_DIGITS = 16
MCP_ACTIONS = {"resources/read": "read_resource", "prompts/get": "get_prompt"}
OK = "ok"
MAX_IDS = 100


class Surface(StrEnum):
    """By which way somebody called."""

    REST = "rest"
    CONSOLE = "console"
    MCP = "mcp"
    CLI = "cli"
    PROCESS = "process"


@dataclass(slots=True)
class AuditEvent:
    """One event. `space` is the id of a space; of the ids, the first hundred are kept.

    What is in several spaces is noted `by_space`, an event for each, by the names of these. One
    that `is_recorded` was written already, in the transaction that it is about.
    """

    surface: Surface
    action: str
    origin: str
    token_name: str | None = None
    user_name: str | None = None
    space: str | None = None
    outcome: str = OK
    ids: list[str] = field(default_factory=list)
    id_count: int = 0
    unrecorded: int = 0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    event_id: UUID = field(default_factory=uuid4)
    by_space: dict[str, AuditEvent] = field(default_factory=dict)
    is_recorded: bool = False

    def by(self, principal: Principal) -> None:
        """Note who called."""
        self.token_name, self.user_name = principal.token, principal.user

    def about(self, ids: Iterable[object]) -> None:
        """Note what it was about."""
        named = [*ids]
        self.id_count += len(named)
        self.ids += map(str, named[: MAX_IDS - len(self.ids)])

    def within(self, spaces: Mapping[str, str]) -> None:
        """Note in which spaces it is, by their ids, with their names."""
        if len(spaces) == 1:
            (self.space,) = spaces
            return
        for space_id, name in spaces.items():
            self.by_space[name] = replace(
                self, space=space_id, ids=[], event_id=uuid4(), by_space={}
            )

    def parts(self) -> list[AuditEvent]:
        """Return what is recorded: the event, or that of each space, which ended as it did."""
        for part in self.by_space.values():
            part.token_name, part.user_name = self.token_name, self.user_name
            part.action, part.outcome = self.action, self.outcome
        return [*self.by_space.values()] or [self]


_current: ContextVar[AuditEvent | None] = ContextVar("audit_event", default=None)


@contextmanager
def noting(event: AuditEvent) -> Iterator[None]:
    """Allow what is called inside to note what it does."""
    token = _current.set(event)
    try:
        yield
    finally:
        _current.reset(token)


def current_event() -> AuditEvent | None:
    """Return the event of the call at hand; None where nothing is noted."""
    return _current.get()


def note_entry(principal: Principal, spaces: Mapping[str, str]) -> None:
    """Note who was let in by the call at hand, and into which spaces, by their ids with names."""
    if event := _current.get():
        event.by(principal)
        event.within(spaces)


def note_surface(surface: Surface) -> None:
    """Note by which way the call at hand came."""
    if event := _current.get():
        event.surface = surface


def note_action(action: str) -> None:
    """Note what the call at hand does."""
    if event := _current.get():
        event.action = action


def note_ids(ids: Iterable[object], space: str | None = None) -> None:
    """Note what the call at hand is about, in the space of a name where it is in several."""
    if event := _current.get():
        event.by_space.get(space or "", event).about(ids)


def note_outcome(outcome: str) -> None:
    """Note how the call at hand ended."""
    if event := _current.get():
        event.outcome = outcome


def note_recorded() -> None:
    """Note that the event of the call at hand was written, with what it is about."""
    if event := _current.get():
        event.is_recorded = True


def note_refusal(action: str, outcome: str) -> None:
    """Note that the request at hand asked for an action, and was refused."""
    if event := _current.get():
        event.action, event.outcome = action, outcome


def session_mark(session_id: str) -> str:
    """Return `session:` and the first 16 hexadecimal digits of the SHA-256 of the id.

    It stands for the id in the audit log: a client may choose a sentence as one.
    """
    return _mark("session", session_id)


def project_mark(name: str) -> str:
    """Return `project:` and as many digits of the SHA-256 of the name of a project."""
    return _mark("project", name)


def _mark(kind: str, text: str) -> str:
    encoded = text.encode(errors="surrogatepass")  # what is refused may hold half a character
    return f"{kind}:{hashlib.sha256(encoded).hexdigest()[:_DIGITS]}"

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
    """The interface through which a call came."""

    REST = "rest"
    CONSOLE = "console"
    MCP = "mcp"
    CLI = "cli"
    PROCESS = "process"


@dataclass(slots=True)
class AuditEvent:
    """One event. `space` is the id of a space; of the ids, the first hundred are recorded.

    A call into several spaces has an event for each in `by_space`, by the names of the spaces. An
    event that `is_recorded` was already written, in the transaction that it describes.
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
        """Note the caller."""
        self.token_name, self.user_name = principal.token, principal.user

    def about(self, ids: Iterable[object]) -> None:
        """Note the ids that the call is about."""
        named = [*ids]
        self.id_count += len(named)
        self.ids += map(str, named[: MAX_IDS - len(self.ids)])

    def within(self, spaces: Mapping[str, str]) -> None:
        """Note the spaces of the call, as names by id."""
        if len(spaces) == 1:
            (self.space,) = spaces
            return
        for space_id, name in spaces.items():
            self.by_space[name] = replace(
                self, space=space_id, ids=[], event_id=uuid4(), by_space={}
            )

    def parts(self) -> list[AuditEvent]:
        """Return the events to record: this one, or one for each space, with the same outcome."""
        for part in self.by_space.values():
            part.token_name, part.user_name = self.token_name, self.user_name
            part.action, part.outcome = self.action, self.outcome
        return [*self.by_space.values()] or [self]


_current: ContextVar[AuditEvent | None] = ContextVar("audit_event", default=None)


@contextmanager
def noting(event: AuditEvent) -> Iterator[None]:
    """Make an event the current one inside the block."""
    token = _current.set(event)
    try:
        yield
    finally:
        _current.reset(token)


def current_event() -> AuditEvent | None:
    """Return the event of the current call; None if none is recorded."""
    return _current.get()


def note_entry(principal: Principal, spaces: Mapping[str, str]) -> None:
    """Note the principal of the current call, and the spaces it enters, as names by id."""
    if event := _current.get():
        event.by(principal)
        event.within(spaces)


def note_surface(surface: Surface) -> None:
    """Note the interface through which the current call came."""
    if event := _current.get():
        event.surface = surface


def note_action(action: str) -> None:
    """Note the action of the current call."""
    if event := _current.get():
        event.action = action


def note_ids(ids: Iterable[object], space: str | None = None) -> None:
    """Note the ids that the current call is about; `space` names one of several spaces."""
    if event := _current.get():
        event.by_space.get(space or "", event).about(ids)


def note_outcome(outcome: str) -> None:
    """Note the outcome of the current call."""
    if event := _current.get():
        event.outcome = outcome


def note_recorded() -> None:
    """Note that the event of the current call was written together with the change."""
    if event := _current.get():
        event.is_recorded = True


def note_refusal(action: str, outcome: str) -> None:
    """Note that the current request asked for an action, and was refused."""
    if event := _current.get():
        event.action, event.outcome = action, outcome


def session_mark(session_id: str) -> str:
    """Return `session:` and the first 16 hexadecimal digits of the SHA-256 of the id.

    It replaces the id in the audit log, since a client may choose a sentence as an id.
    """
    return _mark("session", session_id)


def project_mark(name: str) -> str:
    """Return `project:` and the first 16 hexadecimal digits of the SHA-256 of a project's name."""
    return _mark("project", name)


def _mark(kind: str, text: str) -> str:
    encoded = text.encode(errors="surrogatepass")  # what is refused may hold half a character
    return f"{kind}:{hashlib.sha256(encoded).hexdigest()[:_DIGITS]}"

"""The state of capture: the calls of each client's hooks, and the queue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sage.clients.hooks.capture import spool
from sage.clients.hooks.capture.status import read_message, read_status
from sage.clients.hooks.state_files import is_own
from sage.phrases import as_phrase, joined, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class HookFailure:
    """The last error, and when. `unreached`: no Sage was there, which may be over by now."""

    message: str
    at: datetime
    unreached: bool = False


@dataclass(frozen=True, slots=True)
class HookCalls:
    """How often a hook was called, the time and duration of the last call, and the last error."""

    count: int
    last_at: datetime | None = None
    last_error: HookFailure | None = None
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ClientCapture:
    """The captures of a client. `failing`: the last attempt failed, and its events wait.

    `by_space` has the number and the last time for each space whose hooks were called; `set_up_at`
    is when the hooks were added to the client.
    """

    captured: int
    last_capture: datetime | None
    last_error: HookFailure | None
    failing: bool
    hooks: Mapping[str, HookCalls] = field(default_factory=dict)
    by_space: Mapping[str, tuple[int, datetime | None]] = field(default_factory=dict)
    set_up_at: datetime | None = None

    @property
    def calls_text(self) -> str:
        """How often each hook was called, and its last error."""
        if not self.hooks:
            return phrase("none yet, though they are set up")
        return joined(
            ", ",
            (
                phrase(
                    "{event} {count:,} (last error: {reason})"
                    if calls.last_error
                    else "{event} {count:,}",
                    event=event,
                    count=calls.count,
                    reason=as_phrase(calls.last_error.message if calls.last_error else ""),
                )
                for event, calls in self.hooks.items()
            ),
        )

    def within(self, space: str) -> ClientCapture:
        """Return the captures into a space, the default one if it is empty."""
        captured, last = self.by_space.get(space, (0, None))
        if not space:  # earlier releases had no other
            captured = self.captured - sum(n for name, (n, _) in self.by_space.items() if name)
            last = last or (self.last_capture if captured else None)
        return replace(self, captured=captured, last_capture=last)

    @property
    def failing_text(self) -> str:
        """Why the last attempt to capture failed; empty if it did not."""
        return self.last_error.message if self.failing and self.last_error else ""


@dataclass(frozen=True, slots=True)
class Captures:
    """All clients whose hooks were called, and how many events are queued.

    `set_aside` counts the stored events that could not be captured; `dropped` those for which there
    was no room, or that were too old, the last of them `dropped_at`.
    """

    clients: Mapping[str, ClientCapture]
    waiting: int
    set_aside: int = 0
    dropped: int = 0
    dropped_at: datetime | None = None

    @property
    def last_capture(self) -> datetime | None:
        """The time of the last capture."""
        times = [one.last_capture for one in self.clients.values() if one.last_capture]
        return max(times, default=None)

    @property
    def failing(self) -> int:
        """The number of clients whose last capture failed."""
        return sum(one.failing for one in self.clients.values())


def read_captures(data_dir: Path) -> Captures:
    """Read the records of the hooks of this user's data directory. Raises nothing."""
    if not is_own(str(data_dir)):
        return Captures({}, 0)
    status = read_status(str(data_dir))
    clients = {client: _client(recorded) for client, recorded in status.items()}
    waiting, aside = spool.waiting(str(data_dir)), spool.aside(str(data_dir))
    dropped, at = spool.dropped(str(data_dir))
    return Captures(clients, len(waiting), len(aside), dropped, _time(at) if dropped else None)


def _client(recorded: Mapping[str, Any]) -> ClientCapture:
    hooks, spaces = recorded.get("hooks"), recorded.get("spaces")
    return ClientCapture(
        _number(recorded.get("captured")),
        _time(recorded.get("last_capture")),
        _failure(recorded.get("last_error")),
        "failing" in recorded,
        {
            str(event): HookCalls(
                _number(calls.get("count")),
                _time(calls.get("last_at")),
                _failure(calls.get("last_error")),
                _real(calls.get("ms")) or 0.0,
            )
            for event, calls in (hooks.items() if isinstance(hooks, dict) else ())
            if isinstance(calls, dict)
        },
        {
            str(space): (_number(captures.get("captured")), _time(captures.get("last_capture")))
            for space, captures in (spaces.items() if isinstance(spaces, dict) else ())
            if isinstance(captures, dict)
        },
        _time(recorded.get("set_up_at")),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _real(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _time(value: object) -> datetime | None:
    seconds = _real(value)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _failure(value: object) -> HookFailure | None:
    if not isinstance(value, dict) or (at := _time(value.get("at"))) is None:
        return None
    return HookFailure(read_message(value), at, bool(value.get("unreached")))

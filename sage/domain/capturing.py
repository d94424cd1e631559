"""The state of capture by hooks of AI clients on this machine, for programs and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sage.domain.answer import Answer, doc, optional
from sage.domain.sent_phrases import PHRASES, SentPhrase, sent_with


class CaptureState(StrEnum):
    """The state of the capture of a client."""

    WORKING = "working"
    FAILING = "failing"
    NEVER_CALLED = "never_called"


@dataclass(frozen=True, slots=True)
class CaptureTrouble(Answer):
    """A failure of capture: what failed, when, and how to fix it."""

    message: str = field(metadata=doc("What failed."))
    at: datetime = field(metadata=doc("When it failed, UTC."))
    hint: str = field(metadata=doc("How to fix it."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrases from which the texts are made."""
        object.__setattr__(self, "phrases", sent_with(message=self.message, hint=self.hint))


@dataclass(frozen=True, slots=True)
class CalledHook(Answer):
    """One hook of a client, and the outcome of its calls."""

    event: str = field(metadata=doc("The event that triggers the hook, such as `prompt`."))
    count: int = field(metadata=doc("The number of calls."))
    last_at: datetime | None = field(metadata=doc("When the hook was last called, UTC."))
    ms: float = field(metadata=doc("The duration of the last call in milliseconds."))
    last_error: CaptureTrouble | None = field(
        metadata=doc("The last failure; null if no call failed.")
    )


@dataclass(frozen=True, slots=True)
class CapturedSpace(Answer):
    """What the hooks of a client captured into one space."""

    space: str = field(metadata=doc("The name of the space."))
    captured: int = field(metadata=doc("The number of messages captured into the space."))
    last_at: datetime | None = field(
        metadata=doc("When a message was last captured into the space, UTC.")
    )


@dataclass(frozen=True, slots=True)
class CapturedClient(Answer):
    """A client with installed hooks, and what was captured from it."""

    name: str = field(metadata=doc("The identifier of the client, as in `sage connect`."))
    title: str = field(metadata=doc("The display name of the client."))
    state: CaptureState = field(
        metadata=doc(
            "`working`; `failing`: new messages wait to be captured; `never_called`: the"
            " client was not used since its hooks were installed."
        )
    )
    captured: int = field(metadata=doc("The number of captured messages."))
    last_at: datetime | None = field(metadata=doc("When a message was last captured, UTC."))
    set_up_at: datetime | None = field(
        metadata=doc("When its hooks were installed, UTC; null if unknown.")
    )
    hooks: tuple[CalledHook, ...] = field(metadata=doc("The hooks that were called so far."))
    by_space: tuple[CapturedSpace, ...] = field(
        metadata=doc("The number of captured messages in each space.")
    )
    failing: CaptureTrouble | None = field(
        metadata=doc("Why the last attempt failed; null if it succeeded.")
    )


@dataclass(frozen=True, slots=True)
class CaptureReport(Answer):
    """The state of capture on the machine on which Sage runs."""

    clients: tuple[CapturedClient, ...] = field(
        metadata=doc("The clients: failing ones first, then ordered by their latest capture.")
    )
    waiting: int = field(metadata=doc("The number of events that wait to be captured."))
    set_aside: int = field(
        metadata=doc(
            "The number of events that could not be captured and are stored for inspection."
        )
    )
    dropped: int = field(
        metadata=doc(
            "The number of events that were dropped because the queue was full or they were"
            " too old."
        )
    )
    dropped_at: datetime | None = field(metadata=doc("When an event was last dropped, UTC."))
    is_paused: bool = field(metadata=doc("Whether capture and recall are paused."))
    paused_until: datetime | None = field(
        metadata=doc(
            "When capture and recall resume, UTC; null if they have to be resumed manually."
        )
    )

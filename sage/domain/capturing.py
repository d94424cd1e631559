"""The state of capture by hooks of AI clients on this machine, for programs and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sage.domain.answer import Answer, doc, optional
from sage.domain.sent_phrases import PHRASES, SentPhrase, sent_with


class CaptureState(StrEnum):
    """How the capture of a client is."""

    WORKING = "working"
    FAILING = "failing"
    NEVER_CALLED = "never_called"


@dataclass(frozen=True, slots=True)
class CaptureTrouble(Answer):
    """What went wrong, when, and what to do about it."""

    message: str = field(metadata=doc("What went wrong."))
    at: datetime = field(metadata=doc("When, UTC."))
    hint: str = field(metadata=doc("What to do."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrases from which the texts are made."""
        object.__setattr__(self, "phrases", sent_with(message=self.message, hint=self.hint))


@dataclass(frozen=True, slots=True)
class CalledHook(Answer):
    """One hook of a client, and how its calls went."""

    event: str = field(metadata=doc("The event that it is called at, such as `prompt`."))
    count: int = field(metadata=doc("How often it was called."))
    last_at: datetime | None = field(metadata=doc("When it was called last, UTC."))
    ms: float = field(metadata=doc("How many milliseconds the last call took."))
    last_error: CaptureTrouble | None = field(metadata=doc("What went wrong last; null: nothing."))


@dataclass(frozen=True, slots=True)
class CapturedSpace(Answer):
    """What a client's hooks captured into one space."""

    space: str = field(metadata=doc("The space."))
    captured: int = field(metadata=doc("How many messages."))
    last_at: datetime | None = field(metadata=doc("When anything was captured last, UTC."))


@dataclass(frozen=True, slots=True)
class CapturedClient(Answer):
    """A client whose hooks are set up, and what was captured from it."""

    name: str = field(metadata=doc("The client, as `sage connect` calls it."))
    title: str = field(metadata=doc("The name that people know it by."))
    state: CaptureState = field(
        metadata=doc("`failing`: what was said waits; `never_called`: it was not used since.")
    )
    captured: int = field(metadata=doc("How many messages were captured."))
    last_at: datetime | None = field(metadata=doc("When anything was captured last, UTC."))
    set_up_at: datetime | None = field(
        metadata=doc("When it was connected with hooks, UTC; null where that is not known.")
    )
    hooks: tuple[CalledHook, ...] = field(metadata=doc("Its hooks that were called."))
    by_space: tuple[CapturedSpace, ...] = field(metadata=doc("How much of it in which space."))
    failing: CaptureTrouble | None = field(
        metadata=doc("Why the last attempt failed; null where it did not.")
    )


@dataclass(frozen=True, slots=True)
class CaptureReport(Answer):
    """How capture is, on the machine that Sage runs on."""

    clients: tuple[CapturedClient, ...] = field(
        metadata=doc("The clients, the failing first, then those captured from the latest.")
    )
    waiting: int = field(metadata=doc("How many events wait to be captured."))
    set_aside: int = field(metadata=doc("How many could not be captured, and are kept."))
    dropped: int = field(metadata=doc("For how many there was no room, or that were too old."))
    dropped_at: datetime | None = field(metadata=doc("When the last of these was dropped."))
    is_paused: bool = field(metadata=doc("Whether somebody paused capture and recall."))
    paused_until: datetime | None = field(
        metadata=doc("Until when; null where somebody has to resume it.")
    )

"""What Sage asks of whoever condenses memories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said at one time; `head` tells when and by whom."""

    head: str
    text: str


class Summarizer(Protocol):
    """Condenses what was said. Safe to call from many tasks at once."""

    @property
    def name(self) -> str:
        """The name people know the model or the method by."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether it works without a provider."""
        ...

    @property
    def last_error(self) -> str:
        """Why there are no summaries, empty when nothing is known to be wrong. No secrets."""
        ...

    async def summarize(self, question: str, turns: Sequence[Turn], max_tokens: int) -> str:
        """Report what `turns`, in order of time, hold about a question, in about `max_tokens`.

        What the turns say is data: nothing in them is followed. Empty when there is nothing to
        say. Raises ProviderError.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

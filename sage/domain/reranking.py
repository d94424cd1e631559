"""What Sage asks of a reranking model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Reranker(Protocol):
    """Reads a question and a text together. Safe to call from many tasks at once."""

    @property
    def name(self) -> str:
        """The name people know the model by."""
        ...

    @property
    def last_error(self) -> str:
        """Why the model does not answer, empty when nothing is known to be wrong. No secrets."""
        ...

    async def score(self, question: str, texts: Sequence[str]) -> tuple[float, ...]:
        """Report how well each text answers, in the order of `texts`; more is better.

        The scale is the model's own. Raises ProviderError.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

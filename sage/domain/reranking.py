"""The port to reranking models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Reranker(Protocol):
    """Scores texts against a question. Safe to call from many tasks at once."""

    @property
    def name(self) -> str:
        """The name of the model."""
        ...

    @property
    def last_error(self) -> str:
        """Why the model is unavailable, or an empty string. Never contains a secret."""
        ...

    async def score(self, question: str, texts: Sequence[str]) -> tuple[float, ...]:
        """Return a score of each text as an answer, in the order of `texts`; higher is better.

        The scale is the model's own. Raises ProviderError.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...

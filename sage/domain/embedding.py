"""What Sage asks of an embedding model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]

PROBE_TEXT = "Is the model there?"
"""A text that any model can embed, sent to see whether the model works."""


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """Identity of a vector space: vectors of two models are never compared."""

    provider: str
    name: str
    dimensions: int

    def __str__(self) -> str:
        """Return the name people know the model by."""
        return f"{self.provider}:{self.name}:{self.dimensions}"


class Embedder(Protocol):
    """Turns text into unit vectors of one model. Safe to call from many tasks at once."""

    @property
    def model(self) -> EmbeddingModel:
        """The space the vectors live in; known before the model is loaded."""
        ...

    @property
    def max_chars(self) -> int:
        """How many characters of a text the model takes in; longer texts are cut into chunks."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether the model works on this machine's processors, as the calls do."""
        ...

    @property
    def may_change(self) -> bool:
        """Whether another model may one day answer under the same name."""
        ...

    @property
    def ready(self) -> bool:
        """Whether a call would be answered now, without waiting for the model to load."""
        ...

    @property
    def last_error(self) -> str:
        """Why the model does not answer, empty when nothing is known to be wrong. No secrets."""
        ...

    async def start(self) -> None:
        """Begin to load or connect; returns at once."""
        ...

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question: shape (dimensions,), float32. Raises ProviderError."""
        ...

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts to be found: shape (len(texts), dimensions). Raises ProviderError."""
        ...

    async def close(self) -> None:
        """Let go of threads, files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class EmbedderHandle:
    """Who makes vectors, and the id under which the database keeps those of the same model.

    The two always go together, so that a vector is only ever compared with its like.
    """

    embedder: Embedder
    model_id: int


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedQuestion:
    """The vector of a question, and the id under which the database keeps those of its model."""

    vector: Vectors
    model_id: int

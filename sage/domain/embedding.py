"""The port to embedding models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]

PROBE_TEXT = "Is the model there?"
"""A text that any model can process, sent to check whether a model works."""


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """The identity of a model: only vectors of the same model are compared."""

    provider: str
    name: str
    dimensions: int

    def __str__(self) -> str:
        """Return `provider:name:dimensions`."""
        return f"{self.provider}:{self.name}:{self.dimensions}"


class Embedder(Protocol):
    """Turns text into unit vectors of one model. Safe to call from many tasks at once."""

    @property
    def model(self) -> EmbeddingModel:
        """The model of the vectors; known before it is loaded."""
        ...

    @property
    def max_chars(self) -> int:
        """The longest text for one vector, in characters; longer ones are split into chunks."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether the model runs on this machine and competes with requests for its processors."""
        ...

    @property
    def may_change(self) -> bool:
        """Whether the server may switch to another model of the same name."""
        ...

    @property
    def ready(self) -> bool:
        """Whether a call would succeed now, without waiting for the model to load."""
        ...

    @property
    def last_error(self) -> str:
        """Why the model is unavailable, or an empty string. Never contains a secret."""
        ...

    def has_word(self, word: str) -> bool:
        """Return whether the model knows a case-folded word as a whole, so it is not a typo."""
        ...

    async def start(self) -> None:
        """Start to load or connect, without waiting for it."""
        ...

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question: shape (dimensions,), float32. Raises ProviderError."""
        ...

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts to be searched: shape (len(texts), dimensions). Raises ProviderError."""
        ...

    async def close(self) -> None:
        """Release threads, files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class EmbedderHandle:
    """An embedder with the database id of its model.

    The two are passed together, so that vectors of two models are never compared.
    """

    embedder: Embedder
    model_id: int


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedQuestion:
    """The vector of a question with the database id of its model.

    `other_language` are the cosines, by id, of the nearest messages of people in another language,
    with the vector of its language subtracted from each; `own` is the highest cosine of a statement
    in the language of the question.
    """

    vector: Vectors
    model_id: int
    other_language: Mapping[UUID, float] = field(default_factory=dict)
    own: float = 0.0

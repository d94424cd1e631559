"""Makes the vectors of memories, and finds the text a provider refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from sage.errors import ProviderRejectedError
from sage.retrieval.chunking import chunks_of
from sage.store.models import VectorRow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    from sage.domain.embedding import Embedder


class Text(Protocol):
    """The text of a memory."""

    @property
    def space_id(self) -> str:
        """The space the memory belongs to."""
        ...

    @property
    def memory_id(self) -> UUID:
        """The memory."""
        ...

    @property
    def content(self) -> str:
        """What was said."""
        ...


_Text = TypeVar("_Text", bound=Text)


async def embed_texts(embedder: Embedder, texts: Sequence[Text]) -> list[VectorRow]:
    """Cut texts to the model's window and embed every chunk. Raises ProviderError."""
    chunked = [(text, chunks_of(text.content, embedder.max_chars)) for text in texts]
    vectors = iter(
        await embedder.embed_passages(
            [text.content[c.starts_at : c.ends_at] for text, chunks in chunked for c in chunks]
        )
    )
    return [
        VectorRow(text.space_id, text.memory_id, number, c.starts_at, c.ends_at, next(vectors))
        for text, chunks in chunked
        for number, c in enumerate(chunks)
    ]


async def without_refused(
    texts: Sequence[_Text],
    work: Callable[[Sequence[_Text]], Awaitable[None]],
    refuse: Callable[[_Text, ProviderRejectedError], Awaitable[None]],
) -> None:
    """Do `work` on texts, and `refuse` those it is refused for.

    They are found by halving, so that their neighbours do not suffer. Raises what either raises.
    """
    try:
        await work(texts)
    except ProviderRejectedError as error:
        if len(texts) == 1:
            await refuse(texts[0], error)
            return
        middle = len(texts) // 2
        await without_refused(texts[:middle], work, refuse)
        await without_refused(texts[middle:], work, refuse)

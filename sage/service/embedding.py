"""Makes the vectors of memories, a few chunks a call, and finds the text a provider rejects."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol, TypeVar

from sage.domain.embedded_extent import EmbeddedExtent
from sage.domain.limits import MAX_CONTENT_CHARS
from sage.domain.text_length import normalized_length
from sage.errors import ProviderRejectedError, SageError
from sage.retrieval.text.chunking import Chunk, chunks_of
from sage.retrieval.text.simplified_chinese import chinese_simplified
from sage.store.vectors import VectorRow
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from uuid import UUID

    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors

CHUNKS_A_CALL = 32
_MAX_CHUNKS = 1_000
_MAX_UNSTORED = 1024
_UNEXPECTED = "the embedding model failed in an unexpected way"

log = get_logger(__name__)


class EmbeddingInterruptedError(Exception):
    """Something else is to be embedded first; the vectors made so far are stored."""


class MemoryText(Protocol):
    """The text of a memory."""

    @property
    def space_id(self) -> str:
        """The space of the memory."""
        ...

    @property
    def memory_id(self) -> UUID:
        """The memory."""
        ...

    @property
    def content(self) -> str:
        """The text of the message."""
        ...

    @property
    def extent(self) -> int:
        """How much of it is embedded: the number of an `EmbeddedExtent`."""
        ...


_MemoryTextT = TypeVar("_MemoryTextT", bound=MemoryText)


class PartialResults:
    """Caches the vectors of a text for which a later call failed.

    A text of many calls thus progresses from failure to failure, and no call is paid for twice.
    Holds the latest 1,024.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[EmbeddingModel, str], Vectors] = OrderedDict()

    def take(self, model: EmbeddingModel, pieces: Sequence[str]) -> dict[str, Vectors]:
        """Return and remove the vectors of pieces of text, by piece."""
        keys = [(model, piece) for piece in pieces]
        return {key[1]: self._kept.pop(key) for key in keys if key in self._kept}

    def keep(self, model: EmbeddingModel, made: Mapping[str, Vectors]) -> None:
        """Store the vectors of pieces of text."""
        self._kept.update({(model, piece): vector for piece, vector in made.items()})
        while len(self._kept) > _MAX_UNSTORED:
            self._kept.popitem(last=False)


def chunk_count(text: MemoryText, max_chars: int) -> int:
    """Return roughly how many chunks of at most `max_chars` characters a text has, at least 1."""
    spans = EmbeddedExtent(text.extent).spans(len(text.content))
    sizes = (normalized_length(text.content[a:b], MAX_CONTENT_CHARS) for a, b in spans)
    return max(1, sum(math.ceil(size / max_chars) for size in sizes))


def batches_of(texts: Sequence[_MemoryTextT], max_chars: int) -> list[list[_MemoryTextT]]:
    """Divide texts, in order, into batches of about one call; a long text is one by itself."""
    parts: list[list[_MemoryTextT]] = []
    chunks = CHUNKS_A_CALL
    for text in texts:
        more = chunk_count(text, max_chars)
        if chunks + more > CHUNKS_A_CALL:
            parts.append([])
            chunks = 0
        parts[-1].append(text)
        chunks += more
    return parts


async def embed_texts(
    embedder: Embedder,
    texts: Sequence[MemoryText],
    partial_results: PartialResults,
    is_interrupted: Callable[[], bool] = lambda: False,
) -> list[VectorRow]:
    """Cut texts into chunks for the model's window, and embed at most 32 of them in a call.

    Chinese is embedded in simplified characters, as questions are. Only the first 1,000 chunks of a
    text, more than a save now allows, are embedded; searches by words cover all of it. Raises
    ProviderError, and EmbeddingInterruptedError when `is_interrupted` after a call; then
    `partial_results` keeps what was made. Any other failure of the embedder counts as a rejection
    of the texts.
    """
    chunked = [(text, _chunks_of(text, embedder.max_chars)[:_MAX_CHUNKS]) for text in texts]
    pieces = [
        chinese_simplified(text.content[c.starts_at : c.ends_at])
        for text, chunks in chunked
        for c in chunks
    ]
    made = partial_results.take(embedder.model, pieces)
    missing = [piece for piece in pieces if piece not in made]
    try:
        for start in range(0, len(missing), CHUNKS_A_CALL):
            part = missing[start : start + CHUNKS_A_CALL]
            if start and is_interrupted():
                raise EmbeddingInterruptedError  # noqa: TRY301 - what was made is kept below
            made.update(zip(part, await _embed(embedder, part), strict=True))
    except BaseException:
        partial_results.keep(embedder.model, made)
        raise
    vectors = (made[piece] for piece in pieces)
    return [
        VectorRow(text.space_id, text.memory_id, number, c.starts_at, c.ends_at, next(vectors))
        for text, chunks in chunked
        for number, c in enumerate(chunks)
    ]


def _chunks_of(text: MemoryText, max_chars: int) -> list[Chunk]:
    """Cut the parts of a text that are embedded into chunks for the window of a model."""
    return [
        Chunk(start + chunk.starts_at, start + chunk.ends_at)
        for start, end in EmbeddedExtent(text.extent).spans(len(text.content))
        for chunk in chunks_of(text.content[start:end], max_chars)
    ]


async def _embed(embedder: Embedder, pieces: Sequence[str]) -> Vectors:
    try:
        return await embedder.embed_passages(pieces)
    except SageError:
        raise
    except Exception as error:
        log.warning("embedding_failed", exc_info=True)
        raise ProviderRejectedError(_UNEXPECTED, permanent=False) from error


async def bisect_rejected(
    texts: Sequence[_MemoryTextT],
    work: Callable[[Sequence[_MemoryTextT]], Awaitable[None]],
    refuse: Callable[[_MemoryTextT, ProviderRejectedError], Awaitable[None]],
) -> None:
    """Call `work` with texts, and `refuse` with those that are rejected.

    They are found by bisection, so that their neighbours are not affected. Raises what either
    raises.
    """
    try:
        await work(texts)
    except ProviderRejectedError as error:
        if len(texts) == 1:
            await refuse(texts[0], error)
            return
        middle = len(texts) // 2
        await bisect_rejected(texts[:middle], work, refuse)
        await bisect_rejected(texts[middle:], work, refuse)

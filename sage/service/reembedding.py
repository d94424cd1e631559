"""Embeds memories without vectors of a model and then activates it; the old one is used meanwhile.

No state but the vectors is stored: the memories without them are left to do. So the next run
continues one that was stopped, in whatever way.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from sage.domain.embedding import PROBE_TEXT
from sage.errors import ProviderUnavailableError, SageError, StoreUnavailableError
from sage.phrases import phrase
from sage.service.embedding import (
    CHUNKS_A_CALL,
    PartialResults,
    batches_of,
    bisect_rejected,
    embed_texts,
)
from sage.service.embedding_drift import makes_other_vectors, other_vectors
from sage.service.indexing import calls_at_once, outage_rest_s
from sage.store.active_model import (
    ensure_active_model,
    find_active_model,
    read_active_model,
    switch_active_model,
)
from sage.store.reembedding import FIRST_KEY, count_embedded, drop_old_vectors, read_page
from sage.store.vector_indexes import build_vector_indexes
from sage.store.vectors import register_model, store_vectors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
    from uuid import UUID

    from sage.domain.embedding import Embedder
    from sage.errors import ProviderRejectedError
    from sage.store.active_model import StoredModel
    from sage.store.connections.pool import Database
    from sage.store.reembedding import DroppedModel, UnembeddedText
    from sage.store.vectors import VectorRow

_FEW = 4 * CHUNKS_A_CALL
"""The number of texts to test a model with before anything is changed."""

_REFUSALS_IN_A_ROW = 200
_TURN_POLL_S = 1.0

_NOTICED_AFTER_S = 15.0
"""After this time every running Sage has detected a switch and loaded the model."""

_Result = TypeVar("_Result")


class Watcher(Protocol):
    """Receives the progress of a change of the model."""

    def begin(self, left: int) -> None:
        """Receive the number of memories to be embedded."""
        ...

    def advance(self, done: int) -> None:
        """Receive the number of memories that were just embedded."""
        ...

    def wait(self, reason: str) -> None:
        """Receive the reason for a pause."""
        ...

    def step(self, text: str) -> None:
        """Receive the name of a step after embedding."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """The result of a run.

    `refused` memories cannot be embedded with the model. `queued` ones are left to the indexer:
    they were saved at the last moment, or, `postponed` of them, failed and may succeed later.
    """

    embedded: int
    refused: int
    queued: int
    postponed: int
    indexes: int


class Reembedder:
    """Embeds every memory with a model, then activates that model. For one run."""

    def __init__(self, database: Database, target: Embedder, watcher: Watcher) -> None:
        self._database = database
        self._target = target
        self._watcher = watcher
        self._before = 0
        self._embedded = 0
        self._passed_over: dict[tuple[str, UUID], ProviderRejectedError] = {}
        self._refused_in_a_row = 0
        self._unstored = PartialResults()

    async def move(self) -> Moved:
        """Run all steps; may take hours. Waits while the provider or the database is unavailable.

        Raises ProviderError when the model does not answer at the beginning or rejects most texts,
        StoreError.
        """
        await self._target.embed_query(PROBE_TEXT)
        async with self._database.across_spaces() as conn:
            model_id = await register_model(conn, self._target.model)
        if await makes_other_vectors(self._database, self._target, model_id):
            raise SageError(
                other_vectors(self._target.model),
                hint="first delete the old vectors: `sage reembed --drop-old`, with "
                "the active model configured",
            )
        self._before, left = await count_embedded(self._database, model_id)
        self._watcher.begin(left)
        await self._embed_all(model_id)
        self._watcher.step("building the indexes")
        indexes = await self._patiently(lambda: self._build_indexes(model_id))
        await self._embed_all(model_id)
        self._watcher.step("switching")
        refused = {
            key: error.message for key, error in self._passed_over.items() if error.permanent
        }
        queued = await self._patiently(
            lambda: switch_active_model(self._database, model_id, refused)
        )
        postponed = len(self._passed_over) - len(refused)
        return Moved(self._embedded, queued.failed, queued.pending, postponed, indexes)

    async def _build_indexes(self, model_id: int) -> int:
        """Build the indexes, after those that another process is building."""
        while True:
            built = await build_vector_indexes(self._database, model_id)
            if built is not None:
                return built
            await asyncio.sleep(_TURN_POLL_S)

    async def _embed_all(self, model_id: int) -> None:
        """Embed all memories in passes, until hardly any was saved during the pass before.

        Memories that are saved faster than they are embedded are left to the indexer.
        """
        before, found = math.inf, await self._walk(model_id)
        while _FEW < found < before:
            before, found = found, await self._walk(model_id)
        self._refuse_unfit()

    def _refuse_unfit(self) -> None:
        if len(self._passed_over) > self._before + self._embedded:
            refusal = next(iter(self._passed_over.values()))
            raise SageError(
                phrase(
                    "the model rejected most texts, {count:,} of them", count=len(self._passed_over)
                ),
                detail=refusal.message,
                hint="choose another model; the previous one stays active",
            )

    async def _walk(self, model_id: int) -> int:
        """Embed the memories without vectors in one pass; return their number."""
        before = self._embedded
        one_by_one = asyncio.Lock()
        async with aclosing(self._batches(model_id)) as batches:

            async def work() -> None:
                while True:
                    async with one_by_one:
                        batch = await anext(batches, None)
                    if batch is None:
                        return
                    await self._embed(model_id, batch)

            workers = [asyncio.create_task(work()) for _ in range(calls_at_once(self._target))]
            try:
                await asyncio.gather(*workers)
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)
        return self._embedded - before

    async def _batches(self, model_id: int) -> AsyncGenerator[list[UnembeddedText], None]:
        """Yield texts without vectors, in batches of one call, except rejected ones."""
        key, left = FIRST_KEY, []
        while page := await self._patiently(partial(read_page, self._database, model_id, key)):
            key = page.last_key
            left += [text for text in page.texts if text.key not in self._passed_over]
            *batches, left = batches_of(left, self._target.max_chars) or [[]]
            for batch in batches:
                yield batch
        if left:
            yield left

    async def _embed(self, model_id: int, batch: Sequence[UnembeddedText]) -> None:
        async def embed(texts: Sequence[UnembeddedText]) -> None:
            rows = await self._patiently(lambda: embed_texts(self._target, texts, self._unstored))
            await self._patiently(partial(self._store, model_id, rows))
            self._embedded += len(texts)
            self._refused_in_a_row = 0
            self._watcher.advance(len(texts))

        async def pass_over(text: UnembeddedText, error: ProviderRejectedError) -> None:
            self._passed_over[text.key] = error
            self._watcher.advance(1)
            self._refused_in_a_row += 1
            if self._refused_in_a_row >= _REFUSALS_IN_A_ROW:
                self._refuse_unfit()

        await bisect_rejected(batch, embed, pass_over)

    async def _store(self, model_id: int, rows: Sequence[VectorRow]) -> None:
        async with self._database.transaction_across_spaces() as conn:
            await store_vectors(conn, model_id, rows)

    async def _patiently(self, work: Callable[[], Awaitable[_Result]]) -> _Result:
        """Call `work`, again for as long as the provider or the database is unavailable."""
        outages = 0
        while True:
            try:
                return await work()
            except (ProviderUnavailableError, StoreUnavailableError) as error:
                self._watcher.wait(error.message)
                await asyncio.sleep(outage_rest_s(error, outages))
                outages += 1


async def active_or_first(database: Database, target: Embedder) -> StoredModel:
    """Return the active model; in a new database that is the target, once it has answered."""
    async with database.across_spaces() as conn:
        active = await find_active_model(conn)
    if active is None:
        await target.start()
        await target.embed_query(PROBE_TEXT)
        active = await ensure_active_model(database, target.model)
    return active


async def lacks_vectors(database: Database, model_id: int) -> bool:
    """Return whether any memory has no vectors of the active model, as after an import."""
    _, unembedded = await count_embedded(database, model_id)
    return unembedded > 0


async def drop_old(database: Database, watcher: Watcher) -> list[DroppedModel]:
    """Delete the vectors of all models but the active one, once no Sage uses another any more."""
    async with database.across_spaces() as conn:
        served = await read_active_model(conn)
    if served.age_s < _NOTICED_AFTER_S:  # also below 0, if the database's clock was set back
        watcher.step("waiting for every running Sage to switch")
        await asyncio.sleep(min(_NOTICED_AFTER_S - served.age_s, _NOTICED_AFTER_S))
    return await drop_old_vectors(database)

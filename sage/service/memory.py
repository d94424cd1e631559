"""Save, search, gather, forget: the tools, for every caller."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sage.access.audit.event import note_recorded
from sage.domain.ids import new_memory_id, new_session_id
from sage.domain.masking import masked_request
from sage.domain.memories import ForgetReceipt, Memory
from sage.domain.reading import ReadAnswer, ReadMemory
from sage.domain.retries import retry_identity
from sage.domain.searching import SearchAnswer
from sage.domain.text_length import normalized_length
from sage.errors import ConflictError, InvalidInputError, NotFoundError, SageError
from sage.phrases import phrase
from sage.retrieval.message_classes.classification import RULES_VERSION
from sage.retrieval.preferences.keys import lexemes_of
from sage.service.classification import (
    classify_continued,
    classify_conversation,
    goes_on,
    with_open_beginning,
)
from sage.service.classifier import classify_at_once
from sage.service.confirming import confirm_memory
from sage.service.correcting import prepare_correction
from sage.service.outlines import abridged, highlighted, outlined, with_parts_cut
from sage.store import memories, stats
from sage.store.identification import identify, identify_session, with_all_parts
from sage.store.locating import read_details
from sage.store.repeating import repeatable
from sage.store.replacements import unknown_among
from sage.store.search import read_hits
from sage.store.space_masking import Masked, OtherMaskingError
from sage.telemetry.metrics.catalog import DEGRADED, MEMORIES_SAVED, SAVE_STAGE, SAVES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from sage.access.audit.log import AuditLog
    from sage.domain.confirming import Confirmation, ConfirmRequest
    from sage.domain.embedding import EmbeddedQuestion
    from sage.domain.gathering import ContextAnswer, ContextRequest
    from sage.domain.masking import MaskingPolicy
    from sage.domain.memories import (
        Correction,
        ForgetRequest,
        MemoryStats,
        Message,
        SaveReceipt,
        SaveRequest,
    )
    from sage.domain.reading import MemoryDetails, ReadRequest
    from sage.domain.retries import RetryIdentity
    from sage.domain.searching import Degradation, SearchRequest, SearchResult
    from sage.service.indexing import Indexer
    from sage.service.replica_routing import Readers
    from sage.service.save_threads import CheckCancelled, SaveThreads
    from sage.service.schema_gate import SchemaGate

    _PreparedSave = tuple[list[memories.NewMemory], RetryIdentity, Mapping[str, int]]

_CHARS_CUT_AT_ONCE = 4_000
"""Longer texts take milliseconds to split: a thread does that, so that no other call waits."""


class MemoryService:
    """The memory of one database. Every call belongs to one space; spaces never see each other."""

    def __init__(  # noqa: PLR0913 - all by name
        self,
        *,
        schema_gate: SchemaGate,
        readers: Readers,
        indexer: Indexer,
        audit: AuditLog,
        masking: MaskingPolicy,
        threads: SaveThreads,
    ) -> None:
        self._database = schema_gate.database
        self._gate = schema_gate
        self._indexer = indexer
        self._audit = audit
        self._readers = readers
        self._masking = masking
        self._threads = threads
        self._masks: dict[str, bool] = {}

    async def save(self, request: SaveRequest) -> SaveReceipt:
        """Save a conversation; when this returns, all of it is on disk.

        No provider is called for that; vectors follow through the queue. Raises ConflictError when
        the idempotency key was used with another body, StoreError.
        """
        try:
            with self._indexer.activity.call():
                receipt = await self._save(request)
        except SageError as error:
            SAVES.labels("rejected" if isinstance(error, ConflictError) else "failed").inc()
            raise
        SAVES.labels("new" if receipt.saved else "replay").inc()
        if receipt.saved:
            MEMORIES_SAVED.labels().inc(len(receipt.memory_ids))
            self._indexer.wake()
        return receipt

    async def correct(self, correction: Correction) -> SaveReceipt:
        """Save the new text of a memory, with its speaker, time and metadata.

        A repeated correction is stored once. Raises NotFoundError, InvalidInputError if a part of
        an id matches several, StoreError.
        """
        prepared = await prepare_correction(self._database, correction)
        return prepared.answered or await self.save(prepared.request)

    async def confirm(self, request: ConfirmRequest) -> Confirmation:
        """Record that a memory is still valid. Raises as `confirm_memory` does."""
        return await confirm_memory(self._database, request)

    async def _save(self, request: SaveRequest) -> SaveReceipt:
        """Save a conversation, masked as set for its space when last read, or now."""
        masks = self._masks.get(request.space_id, self._masking.by_default)
        replaced = await self._replaced_by(request)
        while True:
            try:
                return await self._keep(request, replaced, masks)
            except OtherMaskingError:
                masks = self._masks[request.space_id] = not masks

    @repeatable
    async def _keep(self, request: SaveRequest, replaced: list[UUID], masks: bool) -> SaveReceipt:  # noqa: FBT001
        session_id = request.session_id or new_session_id()
        async with SAVE_STAGE.time("lexemes"):
            new, identity, masked = await self._prepared(
                request, session_id, self._masking.known if masks else None
            )
        event = self._audit.event_of_save([one.memory.memory_id for one in new])
        replies: Mapping[UUID, UUID] = {}
        if request.session_id is not None:
            if goes_on(new):
                async with self._database.in_space(request.space_id) as conn:
                    new, replies = await classify_continued(conn, request.space_id, new)
            else:
                new = with_open_beginning(new)
        async with SAVE_STAGE.time("store"):
            receipt = await memories.save_conversation(
                self._database,
                request.space_id,
                new,
                identity,
                replaces=replaced,
                masked=Masked(masks, by_default=self._masking.by_default),
                event=event,
                replies=replies,
            )
        if event is not None and receipt.saved:
            note_recorded()
        return replace(receipt, masked=masked) if masked else receipt

    async def _prepared(
        self, request: SaveRequest, session_id: str, masks: Collection[str] | None
    ) -> _PreparedSave:
        contents = (message.content for message in request.messages)
        size = sum(normalized_length(content, _CHARS_CUT_AT_ONCE) for content in contents)
        if size > _CHARS_CUT_AT_ONCE:
            return await self._threads.run(partial(_prepare, request, session_id, masks))
        return _prepare(request, session_id, masks)

    async def _replaced_by(self, request: SaveRequest) -> list[UUID]:
        if not request.replaces and not request.replaces_short:
            return []
        async with self._database.in_space(request.space_id) as conn:
            named = await identify(
                conn, request.space_id, request.replaces, request.replaces_short, field="replaces"
            )
            gone = await unknown_among(conn, request.space_id, named.memory_ids)
        if unknown := [*map(str, gone), *named.unknown]:
            raise InvalidInputError(
                "replaces",
                phrase("{field}: memory {unknown} does not exist", unknown=unknown[0]),
                hint="pass ids that save or search returned",
            )
        return named.memory_ids

    async def search(self, request: SearchRequest) -> SearchAnswer:
        """Find memories that answer a question, best first, reranked if there is a reranker.

        Raises StoreError.
        """
        answer, _ = await self.search_embedded(request)
        return answer

    async def found(self, request: SearchRequest) -> SearchResult:
        """Search; return everything that is known about the results. Raises StoreError."""
        with self._indexer.activity.call():
            handle = await self._gate.active_model()
            found = await self._readers.read(lambda reader: reader.pipeline.search(request, handle))
        _count_degraded(found.degraded)
        return found

    async def search_embedded(
        self, request: SearchRequest
    ) -> tuple[SearchAnswer, EmbeddedQuestion | None]:
        """Search; return the answer, and the question if it was embedded. Raises StoreError."""
        found = await self.found(request)
        hits = tuple(
            hit.rounded(explain=request.explain, details=request.details) for hit in found.hits
        )
        hits = await with_parts_cut(hits, request.query)
        if request.outline:
            hits = await outlined(hits, request.query)
        if request.highlights:
            hits = await highlighted(hits, request.query)
        read = await abridged(hits, request.query)
        answer = SearchAnswer(
            found.relevance,
            hits,
            found.degraded,
            found.asked_before,
            found.pending or None,
            found.judged_by and found.judged_by.rounded(),
            fits=found.fits,
            read=read,
        )
        return answer, found.question

    async def context(self, request: ContextRequest) -> ContextAnswer:
        """Gather evidence for a question into text that fits a token window. Raises StoreError."""
        with self._indexer.activity.call():
            handle = await self._gate.active_model()
            answer = await self._readers.read(
                lambda reader: reader.context.context(request, handle)
            )
        _count_degraded(answer.degraded)
        return answer

    @repeatable
    async def forget(self, request: ForgetRequest) -> ForgetReceipt:
        """Forget memories, or restore them within 30 days (`undo`).

        Raises InvalidInputError if a part of an id matches several, StoreError.
        """
        async with self._database.in_space(request.space_id) as conn:
            named = await identify(conn, request.space_id, request.memory_ids, request.short_ids)
            memory_ids = await with_all_parts(conn, request.space_id, named.memory_ids)
            session_id = request.session_id
            if session_id is not None:
                session_id = await identify_session(conn, request.space_id, session_id)
            which = (conn, request.space_id, memory_ids, session_id)
            if request.undo:
                changed = await memories.restore(*which)
            else:
                changed = await memories.forget(*which, by=request.author)
            await classify_at_once(conn, request.space_id)
        unknown = changed.unknown + len(named.unknown)
        if request.undo:
            self._indexer.wake()
            return ForgetReceipt(forgotten=0, restored=changed.count, unknown=unknown)
        return ForgetReceipt(forgotten=changed.count, restored=0, unknown=unknown)

    @repeatable
    async def stats(self, space_id: str) -> MemoryStats:
        """Count the contents of a space. Raises StoreError."""
        handle = await self._gate.active_model()
        async with self._database.in_space(space_id) as conn:
            return await stats.memory_stats(
                conn, space_id, handle.embedder.model.name, RULES_VERSION
            )

    @repeatable
    async def read_memory(self, space_id: str, memory_id: UUID) -> Memory:
        """Read one memory. Raises NotFoundError, StoreError."""
        async with self._database.in_space(space_id) as conn:
            memory = await memories.read_memory(conn, space_id, memory_id)
        if memory is None:
            raise _no_memory(memory_id)
        return memory

    @repeatable
    async def read_details(
        self,
        space_id: str,
        memory_ids: Sequence[UUID],
        short_ids: Sequence[str] = (),
        *,
        include_forgotten: bool = False,
    ) -> MemoryDetails:
        """Read the memory of a whole or short id, with everything that is known about it.

        A forgotten memory is found only with `include_forgotten`. Raises NotFoundError,
        InvalidInputError if a part matches several, StoreError.
        """
        model_id = (await self._gate.active_model()).model_id
        async with self._database.in_space(space_id) as conn:
            named = await identify(conn, space_id, memory_ids, short_ids, field="memory_id")
            known = [await read_details(conn, space_id, one, model_id) for one in named.memory_ids]
        for one in known:
            if one is not None and (include_forgotten or one.forgotten_at is None):
                return one
        raise _no_memory(next(iter((*memory_ids, *short_ids))))

    @repeatable
    async def read_memories(self, request: ReadRequest) -> ReadAnswer:
        """Read memories by their ids, those with whole ids first.

        Raises InvalidInputError if a part of an id matches several, StoreError.
        """
        async with self._database.in_space(request.space_id) as conn:
            named = await identify(conn, request.space_id, request.memory_ids, request.short_ids)
            read = await read_hits(conn, request.space_id, named.memory_ids)
        known = (
            ReadMemory.of(read[one].seen_by(request.reader))
            for one in named.memory_ids
            if one in read
        )
        missing = (str(one) for one in named.memory_ids if one not in read)
        return ReadAnswer(tuple(known), (*missing, *named.unknown))

    @repeatable
    async def read_session(self, space_id: str, session_id: str) -> tuple[Memory, ...]:
        """Read a session, oldest message first. Raises NotFoundError, StoreError."""
        async with self._database.in_space(space_id) as conn:
            session = await memories.read_session(conn, space_id, session_id)
        if not session:
            raise NotFoundError(
                phrase("session {session_id} does not exist", session_id=repr(session_id)),
                hint="pass a session_id that save or search returned",
            )
        return tuple(session)


def _no_memory(memory_id: object) -> NotFoundError:
    return NotFoundError(
        phrase("memory {memory_id} does not exist", memory_id=memory_id),
        hint="pass an id that save or search returned",
    )


def _prepare(
    request: SaveRequest,
    session_id: str,
    masks: Collection[str] | None,
    check_cancelled: CheckCancelled = lambda: None,
) -> _PreparedSave:
    """Mask secrets first, also those in `masks`: nothing that is stored is derived from them."""
    request, masked = (
        (request, {}) if masks is None else masked_request(request, masks, check_cancelled)
    )
    now = datetime.now(UTC)
    new = [
        _new_memory(request, session_id, message, now, check_cancelled)
        for message in request.messages
    ]
    return classify_conversation(new), retry_identity(request), masked


def _new_memory(
    request: SaveRequest,
    session_id: str,
    message: Message,
    now: datetime,
    check_cancelled: CheckCancelled,
) -> memories.NewMemory:
    check_cancelled()
    created_at = message.created_at or now
    return memories.NewMemory(
        Memory(
            new_memory_id(),
            session_id,
            message.role,
            message.name,
            message.content,
            created_at,
            request.metadata,
            author=request.author,
            source=request.source,
        ),
        lexemes_of(message.content, message.name, created_at, message.role),
    )


def _count_degraded(parts: Sequence[Degradation]) -> None:
    for degradation in parts:
        DEGRADED.labels(degradation.part).inc()

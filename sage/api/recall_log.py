"""Records the answers of tools and hooks in the recall log."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from sage.clients.command.paths import CONNECTING
from sage.domain.recall_log import RecalledMemory, RecallRecord, RecallTrigger
from sage.domain.searching import SearchAnswer
from sage.service.seen_clients import client_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sage.api.arguments import RecallArguments
    from sage.domain.caller import Caller
    from sage.domain.gathering import ContextAnswer
    from sage.domain.recall import Recalled, RecallRequest
    from sage.service.recall_log import RecallLog

_client: ContextVar[str | None] = ContextVar("calling_client", default=None)


@contextmanager
def called_by(client: str | None) -> Iterator[None]:
    """Record the name of the calling client for the code inside the block."""
    token = _client.set(client)
    try:
        yield
    finally:
        _client.reset(token)


def calling_client() -> str | None:
    """Return the name of the calling client, None if it is not known."""
    return _client.get()


def record_found(
    log: RecallLog,
    occasion: RecallTrigger,
    caller: Caller,
    query: str,
    answer: SearchAnswer | ContextAnswer,
) -> None:
    """Record the results of a tool in each space, unless people use it directly.

    Nothing is recorded if a model is shown that nothing is relevant. The session is not known: the
    `session_id` of these tools is a filter.
    """
    if not log.is_on or (caller.via is not None and caller.via.is_of_people):
        return
    client = calling_client()
    by_space: dict[str, list[RecalledMemory]] = {}
    ids = {name: space_id for space_id, name in caller.spaces.items()}
    for space, memory in _memories_by_space(answer):
        by_space.setdefault(ids.get(space or "", caller.space_id), []).append(memory)
    for space_id, memories in by_space.items():
        log.add(
            RecallRecord(
                space_id,
                occasion,
                query,
                memories,
                answer.relevance,
                client=client_of(client) if client else None,
                author=caller.author,
            )
        )


def record_hook(
    log: RecallLog, arguments: RecallArguments, request: RecallRequest, recalled: Recalled
) -> None:
    """Record the answer of a hook to a session, but not what `sage connect` shows a person."""
    if arguments.client == CONNECTING:
        return
    occasion = RecallTrigger.PROMPT if request.query else RecallTrigger.START
    log.add(
        RecallRecord(
            request.space_id,
            RecallTrigger.EDIT if request.is_edit else occasion,
            request.text,
            recalled.memories,
            recalled.relevance,
            session_id=request.session_ids[0] if arguments.session else None,
            project=request.project or None,
            client=arguments.client,
            author=request.reader,
        )
    )


def _memories_by_space(
    answer: SearchAnswer | ContextAnswer,
) -> Iterable[tuple[str | None, RecalledMemory]]:
    if not isinstance(answer, SearchAnswer):
        for memory in answer.memories:
            yield memory.space, RecalledMemory(memory.memory_id)
        return
    for hit in answer.results if answer.fits else ():
        yield hit.space, RecalledMemory(hit.memory_id, hit.probability)
        for beside in (hit.reply, hit.correction):
            if beside is not None:
                yield hit.space, RecalledMemory(beside.memory_id)

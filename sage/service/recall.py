"""Chooses what a session of an AI client is told unasked: little, and only what fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.recall import PROMPT_TOKENS, START_TOKENS, Recalled
from sage.domain.relevance import Relevance
from sage.domain.searching import Filters, SearchRequest
from sage.retrieval.preferences import PREFERENCE_TSQUERY, preferences_in
from sage.retrieval.recalled_text import RecalledText
from sage.store.projects import recent_of_project, short_matches_of_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.domain.memories import Memory, MemoryRecord
    from sage.domain.recall import RecallRequest
    from sage.service.memory import MemoryService
    from sage.store.pool import Database

_RECENT = 60
_SESSIONS = 5
_LAST_TURNS = 4
_MATCHES = 300
_PREFERENCES = 5
_HITS = 8
_LEAST_LIKELY = 0.3
_TURN_CHARS = 600


class RecallService:
    """Recalls for the sessions of AI clients; `timezone` is that of the times in the text."""

    def __init__(self, memory: MemoryService, database: Database, timezone: tzinfo) -> None:
        self._memory = memory
        self._database = database
        self._timezone = timezone

    async def recall(self, request: RecallRequest) -> Recalled:
        """Return text for the prompt of a session, empty where nothing fits. Raises StoreError."""
        if request.query:
            return self._write(await self._answers(request), PROMPT_TOKENS)
        recent = await self._recent(request)
        there = {memory.memory_id for memory in recent}
        preferences = await self._preferences(request)
        begin = [*(one for one in preferences if one.memory_id not in there), *recent]
        return self._write(begin, START_TOKENS, latest_first=True)

    async def _answers(self, request: RecallRequest) -> list[MemoryRecord]:
        """Find memories that answer a prompt: of the project, and of none.

        What may fit is left out, as all is where the relevance is unknown: nobody has asked.
        """
        found = await self._memory.search(
            SearchRequest(
                request.query,
                n=_HITS,
                filters=Filters(project=request.project),
                space_id=request.space_id,
                reader=request.reader,
            )
        )
        if found.relevance is not Relevance.STRONG:
            return []
        known = set(request.known)
        return [
            hit
            for hit in found.results
            if hit.likelihood >= _LEAST_LIKELY
            and hit.memory_id not in known
            and hit.session_id not in request.session_ids
        ]

    async def _recent(self, request: RecallRequest) -> list[MemoryRecord]:
        """Choose how the latest session on the project ended, and what others were about."""
        if not request.project:
            return []
        async with self._database.in_space(request.space_id) as conn:
            recent = await recent_of_project(
                conn, request.space_id, request.project, request.session_ids, _RECENT
            )
        return [*_chosen([memory.seen_by(request.reader) for memory in recent])]

    async def _preferences(self, request: RecallRequest) -> list[MemoryRecord]:
        """Find what was said of lasting preferences, on the project or on none, each once."""
        async with self._database.in_space(request.space_id) as conn:
            matches = await short_matches_of_project(
                conn,
                space_id=request.space_id,
                project=request.project,
                session_ids=request.session_ids,
                tsquery=PREFERENCE_TSQUERY,
                limit=_MATCHES,
            )
        said: dict[str, MemoryRecord] = {}
        for match in matches:
            if text := preferences_in(match.content):
                said.setdefault(text, replace(match, content=text).seen_by(request.reader))
        return [*said.values()][:_PREFERENCES]

    def _write(
        self, memories: Sequence[MemoryRecord], tokens: int, *, latest_first: bool = False
    ) -> Recalled:
        text = RecalledText(tokens, self._timezone)
        taken = [
            memory.memory_id
            for memory in memories
            if text.take(replace(memory, content=_shortened(memory.content)))
        ]
        return Recalled(text.write(latest_first=latest_first), tuple(taken))


def _chosen(recent: Sequence[Memory]) -> list[Memory]:
    """Choose among memories, the newest first: the end of one session, the requests of others.

    Sessions may have taken turns; what several asked in the same words is chosen once.
    """
    sessions: dict[str, list[Memory]] = {}
    for memory in recent:
        sessions.setdefault(memory.session_id, []).append(memory)
    latest, *others = [*sessions.values()][:_SESSIONS] or [[]]
    asked: dict[str, Memory] = {}
    for turn in filter(None, map(_request_in, others)):
        asked.setdefault(turn.content, turn)
    return [*latest[:_LAST_TURNS], *asked.values()]


def _request_in(turns: Sequence[Memory]) -> Memory | None:
    return next((turn for turn in turns if turn.role is Role.USER), None)


def _shortened(content: str) -> str:
    return content if len(content) <= _TURN_CHARS else f"{content[: _TURN_CHARS - 1]}…"

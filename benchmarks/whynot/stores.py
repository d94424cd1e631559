"""A running Sage that stores conversations, and the known answers to their questions."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks.statements import count_nearer, drop_vectors
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import SageError
from sage.phrases import phrase
from sage.retrieval.ranking.cross_language import languages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from sage.cli.benchmark.conversations import KnownConversation, KnownMessage, KnownQuestion
    from sage.domain.embedding import Embedder
    from sage.store.connections.pool import Database

_AT_ONCE = 100
_POLL_S = 0.5
_PATIENCE_S = 1_800.0


@dataclass(frozen=True, slots=True)
class Known:
    """A question, the ids of the answering messages, () if not stored, and the first message."""

    question: str
    answers: tuple[str, ...]
    said: KnownMessage
    session_id: str

    @property
    def language(self) -> str:
        """Return the language of the question."""
        return "Chinese" if _is_chinese(self.question) else "English"

    @property
    def is_in_one_language(self) -> bool:
        """Report whether the question is in the language of its answer."""
        return _is_chinese(self.question) == _is_chinese(self.said.message.content)


@dataclass(frozen=True, slots=True)
class RunningSage:
    """A client of a running Sage, with direct access to its database and model."""

    client: httpx.AsyncClient
    database: Database
    embedder: Embedder

    async def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Return the response to a call of the REST API. Raises SageError if it is rejected."""
        answer = await self.client.post(f"/api/v1/{path}", json=body)
        if not answer.is_success:
            raise SageError(phrase("{path} was refused", path=path), detail=answer.text)
        return answer.json()

    async def seen(self, known: Known, asked: Mapping[str, object]) -> tuple[int, str] | None:
        """Return the rank and the id of an answer in a search, as result or reply, or None."""
        for place, hit in enumerate((await self.post("search", asked))["results"], start=1):
            told = (hit, hit.get("reply") or {}, hit.get("correction") or {})
            ids = [one["memory_id"] for one in told if one.get("memory_id") in known.answers]
            if ids:
                return place, ids[0]
        return None

    async def drop_vectors(self, memory_id: str) -> None:
        """Delete the vectors of a memory, without queueing it."""
        async with self.database.across_spaces() as conn:
            await drop_vectors(conn, DEFAULT_SPACE, UUID(memory_id))

    async def nearest_place(self, question: str, memory_id: str) -> int:
        """Return the rank of a memory by distance, in either language: 1 is the nearest."""
        vector = await self.embedder.embed_query(question)
        languages = languages_of(self.embedder.model)
        points = [vector]
        if languages is not None:
            points.append(languages.translated(vector, int(_is_chinese(question))))
        async with self.database.across_spaces() as conn:
            return min(
                [
                    await count_nearer(conn, DEFAULT_SPACE, point, UUID(memory_id))
                    for point in points
                ]
            )

    async def store(
        self, talk: KnownConversation, omitted: frozenset[str], progress: Callable[[int], None]
    ) -> list[Known]:
        """Save a conversation without the labels `omitted`; return its questions.

        `progress` is called with the number of messages saved. Raises SageError.
        """
        ids: dict[str, list[str]] = {}
        places: dict[str, tuple[KnownMessage, str]] = {}
        for number, session in enumerate(talk.sessions, start=1):
            session_id = f"{talk.name} {number}"
            for turn in session:
                places.setdefault(turn.label, (turn, session_id))
            said = [turn for turn in session if turn.label not in omitted]
            for first in range(0, len(said), _AT_ONCE):
                part = said[first : first + _AT_ONCE]
                messages = [_message(turn) for turn in part]
                body = {"messages": messages, "session_id": session_id}
                saved = await self.post(
                    "conversations", body | {"metadata": {"conversation": talk.name}}
                )
                for turn, memory_id in zip(part, saved["memory_ids"], strict=True):
                    ids.setdefault(turn.label, []).append(memory_id)
            progress(len(session))
        return [_known(question, ids, places) for question in talk.questions]

    async def until_embedded(self) -> None:
        """Wait until all memories are embedded. Raises SageError after half an hour."""
        ends_at = time.monotonic() + _PATIENCE_S
        while (await self.client.get("/api/v1/stats")).json()["queue"]["pending"]:
            if time.monotonic() > ends_at:
                raise SageError("not every message was embedded")
            await asyncio.sleep(_POLL_S)


def _message(turn: KnownMessage) -> dict[str, object]:
    message = turn.message
    return {
        "role": message.role.value,
        "content": message.content,
        "name": message.name,
        "created_at": message.created_at.isoformat() if message.created_at else None,
    }


def _known(
    question: KnownQuestion,
    ids: Mapping[str, Sequence[str]],
    places: Mapping[str, tuple[KnownMessage, str]],
) -> Known:
    labels = sorted(question.evidence)
    turn, session_id = places[labels[0]]
    answers = tuple(one for label in labels for one in ids.get(label, ()))
    return Known(question.text, answers, turn, session_id)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)

"""Chooses what is recalled in a session of an AI client: little, and only what is relevant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.recall import EDIT_TOKENS, PROMPT_TOKENS, START_TOKENS, Recalled
from sage.domain.recall_log import RecalledMemory
from sage.domain.relevance import Relevance
from sage.domain.searching import Filters, Hit, SearchRequest
from sage.retrieval.message_classes.acknowledgements import only_acknowledges
from sage.retrieval.recall.exchanges import shortened
from sage.retrieval.recall.named_things import NamedThing, each_hit_once, statements_about
from sage.retrieval.recall.other_language import NO_OTHER_LANGUAGE, OtherLanguageStatements
from sage.retrieval.recall.prompt_recall import select_for_prompt
from sage.retrieval.recall.recalled_text import RecalledText
from sage.retrieval.recall.subjects import NO_SUBJECT, Subject, on_subject, subject_terms
from sage.retrieval.recall.tasks import may_set_task, responds_to_task
from sage.retrieval.text.lexemes import tsquery_of
from sage.service.corrections import corrections_of
from sage.service.marks import Marks
from sage.service.search.answers import reply_of
from sage.service.session_start import SessionStart
from sage.store.evidence import read_vectors
from sage.store.projects import said_already, statements_of_project
from sage.store.repeating import repeatable
from sage.store.replies import read_responses
from sage.store.search import read_hits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo
    from uuid import UUID

    from sage.domain.embedding import EmbeddedQuestion
    from sage.domain.recall import RecallRequest
    from sage.service.memory import MemoryService
    from sage.service.session_start import SessionStartItem
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_HITS = 24
"""The number of hits to search for; those in the context of the session are then left out."""
_LIKELY_ALONE = 0.25
_STATED = 200
_STATED_CHARS = 400


class RecallService:
    """Recalls memories for the sessions of AI clients; `timezone` is that of times in the text.

    Where projects are `apart`, no message of another project is recalled.
    """

    def __init__(
        self,
        memory: MemoryService,
        database: Database,
        timezone: tzinfo,
        *,
        apart: bool,
        marks: Marks | None = None,
    ) -> None:
        self._memory = memory
        self._database = database
        self._timezone = timezone
        self._marks = marks or Marks(database)
        self._start = SessionStart(database, apart=apart, marks=self._marks)

    async def recall(self, request: RecallRequest) -> Recalled:
        """Return text for a session's prompt, empty if nothing is relevant. Raises StoreError."""
        if request.is_edit:
            text = RecalledText(EDIT_TOKENS, self._timezone, by_day=True)
            return _as_recalled(text, await self._stated_of_things(request), Relevance.STRONG)
        if request.query:
            text = RecalledText(PROMPT_TOKENS, self._timezone, by_day=True)
            return _as_recalled(text, *await self._answers(request))
        text = RecalledText(START_TOKENS, self._timezone)
        pieces = await self._start.pieces(request)
        taken = [
            memory_id
            for piece in sorted(pieces, key=_rank)
            if text.take(
                piece.memory, pieces.index(piece), piece.heading, correction=piece.correction
            )
            for memory_id in piece.memory_ids
        ]
        memories = tuple(dict.fromkeys(taken))
        return Recalled(text.write(), memories, tuple(map(RecalledMemory, memories)))

    @repeatable
    async def _stated_of_things(self, request: RecallRequest) -> list[Hit]:
        """Find statements and decisions about a file or programs, by their names only.

        Uncertain results are not recalled: nobody has asked.
        """
        things = [NamedThing(file=request.file)] if request.file else []
        things += [NamedThing.of_command(one) for one in request.commands]
        found = [statements_about(one, await self._surely_found(one, request)) for one in things]
        hits = each_hit_once(found)
        async with self._database.in_space(request.space_id) as conn:
            hits = await _without_tasks(conn, request.space_id, hits)
            hits = await self._unmarked(conn, request, hits)
            new = await _news(conn, request, hits)
        return [hit for hit in hits if hit.memory_id in new]

    async def _unmarked(
        self, conn: Connection, request: RecallRequest, hits: Sequence[Hit]
    ) -> list[Hit]:
        """Leave out memories marked as not useful for such a question: nobody has asked."""
        ids = list({one for hit in hits for one in _ids(hit)})
        marked = await self._marks.of_question(conn, request.space_id, request.text, ids)
        return [hit for hit in hits if marked.keys().isdisjoint(_ids(hit))]

    async def _surely_found(self, thing: NamedThing, request: RecallRequest) -> tuple[Hit, ...]:
        found = await self._memory.search(
            SearchRequest(
                thing.query,
                n=_HITS,
                filters=Filters(project=request.project),
                space_id=request.space_id,
                reader=request.reader,
            )
        )
        return found.results if found.relevance is Relevance.STRONG else ()

    @repeatable
    async def _answers(self, request: RecallRequest) -> tuple[list[Hit], Relevance | None]:
        """Find memories that answer a prompt: of the project, and of none.

        A prompt that only acknowledges requests nothing. If nothing surely answers, and no subject
        is known, at most the first result is recalled, and only if it is likely: nobody has asked.
        Statements of people on a subject are recalled even if no result answers: the verdict is not
        about them. Corrected answers are left out, and so is everything that the session contains
        or was given, also in the same words elsewhere.
        """
        if only_acknowledges(request.query):
            return [], None
        found, question = await self._memory.search_embedded(
            SearchRequest(
                request.query,
                n=_HITS,
                filters=Filters(project=request.project),
                space_id=request.space_id,
                reader=request.reader,
                with_other_language=True,
            )
        )
        if found.relevance is Relevance.UNKNOWN:
            return [], None
        results = [hit for hit in found.results if not hit.is_corrected]
        async with self._database.in_space(request.space_id) as conn:
            subject = await _subject(conn, request, results, question)
            if found.relevance is Relevance.WEAK and subject is NO_SUBJECT:
                results = [hit for hit in results[:1] if hit.likelihood >= _LIKELY_ALONE]
            if found.relevance is Relevance.NONE:
                results = []
            results = await _without_tasks(conn, request.space_id, results)
            others = await _other_language(conn, request, question)
            recalled = (*results, *subject.statements, *others.hits)
            new = await _news(conn, request, await self._unmarked(conn, request, recalled))
        stated = [hit for hit in subject.statements if hit.memory_id in new]
        results = [hit for hit in results if hit.memory_id in new]
        new_others = [hit for hit in others.hits if hit.memory_id in new]
        hits = select_for_prompt(
            request.query,
            results,
            replace(subject, statements=stated),
            replace(others, hits=new_others),
        )
        return hits, found.relevance


async def _subject(
    conn: Connection,
    request: RecallRequest,
    results: Sequence[Hit],
    question: EmbeddedQuestion | None,
) -> Subject:
    """Find the subject of a prompt, and the statements of people about it in its project."""
    terms = subject_terms(request.query, results)
    if not terms or question is None:
        return NO_SUBJECT
    stated = await statements_of_project(
        conn,
        space_id=request.space_id,
        project=request.project,
        but=request.session_ids,
        tsquery=tsquery_of(sorted(terms)),
        max_chars=_STATED_CHARS,
        limit=_STATED,
    )
    corrections = await corrections_of(conn, request.space_id, [one.memory_id for one in stated])
    candidates = [
        Hit.of(
            one,
            0.0,
            {},
            0.0,
            request.reader,
            correction=reply_of(corrections.get(one.memory_id)),
        )
        for one in stated
    ]
    hits = on_subject(terms, candidates)
    hits = await _without_tasks(conn, request.space_id, hits)
    ids = [hit.memory_id for hit in hits]
    vectors = await read_vectors(conn, request.space_id, question.model_id, ids, question.vector)
    return Subject.of(request.query, question.vector, terms, hits, vectors)


async def _other_language(
    conn: Connection, request: RecallRequest, question: EmbeddedQuestion | None
) -> OtherLanguageStatements:
    """Read the statements of people in another language near a prompt, except corrected ones."""
    if question is None or not question.other_language:
        return NO_OTHER_LANGUAGE
    memories = await read_hits(conn, request.space_id, [*question.other_language])
    corrections = await corrections_of(conn, request.space_id, [*memories])
    hits = [
        Hit.of(one, 0.0, {}, 0.0, request.reader)
        for one in memories.values()
        if one.memory_id not in corrections and len(one.content) <= _STATED_CHARS
    ]
    hits = await _without_tasks(conn, request.space_id, hits)
    return OtherLanguageStatements(hits, question.other_language, question.own)


async def _without_tasks(conn: Connection, space_id: str, hits: Sequence[Hit]) -> list[Hit]:
    """Leave out hits that set a task, or have no answer, according to the messages after them.

    Many tasks have no form by which they could be classified: "The exporter hangs again."
    """
    in_doubt = [
        hit.memory_id
        for hit in hits
        if hit.role is Role.USER and hit.reply is None and may_set_task(hit.content)
    ]
    responses = await read_responses(conn, space_id, in_doubt) if in_doubt else {}
    tasks = {one for one, text in responses.items() if responds_to_task(Role.ASSISTANT, text)}
    return [hit for hit in hits if hit.memory_id not in tasks]


async def _news(conn: Connection, request: RecallRequest, hits: Sequence[Hit]) -> set[UUID]:
    """Return the hits that are neither of a session nor known to it, nor repeat any such."""
    known = set(request.known)
    new = [
        hit
        for hit in hits
        if known.isdisjoint(_ids(hit)) and hit.session_id not in request.session_ids
    ]
    texts = {text for hit in new for text in _texts(hit)}
    if not texts:
        return set()
    said = await said_already(conn, request.space_id, request.session_ids, request.known, texts)
    return {hit.memory_id for hit in new if said.isdisjoint(_texts(hit))}


def _ids(hit: Hit) -> tuple[UUID, ...]:
    later = (one.memory_id for one in (hit.reply, hit.correction) if one is not None)
    return (hit.memory_id, *later)


def _texts(hit: Hit) -> tuple[str, ...]:
    """Return the texts of a hit: the answer to a question, and its correction."""
    shown = hit.correction or hit.reply
    return (hit.content,) if shown is None else (shown.content,)


def _as_recalled(text: RecalledText, hits: Iterable[Hit], relevance: Relevance | None) -> Recalled:
    taken: list[RecalledMemory] = []
    for place, hit in enumerate(hits):
        reply, correction = (
            one and replace(one, content=shortened(one.content))
            for one in (hit.reply, hit.correction)
        )
        shown = replace(hit, content=shortened(hit.content))
        if text.take(shown, place, reply=reply, correction=correction):
            taken.append(RecalledMemory(hit.memory_id, hit.probability))
            taken += map(RecalledMemory, _ids(hit)[1:])
    return Recalled(text.write(), tuple(one.memory_id for one in taken), tuple(taken), relevance)


def _rank(piece: SessionStartItem) -> int:
    return piece.rank

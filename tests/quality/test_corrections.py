"""200 facts, each corrected once: what holds now comes first, and nothing is lost."""

import asyncio
from contextlib import suppress

import pytest

from sage.access.audit.log import AuditLog
from sage.config.settings import AuditSettings
from sage.domain.masking import MaskingPolicy
from sage.domain.memories import Message, SaveRequest
from sage.domain.searching import Filters, SearchRequest
from sage.providers.local import LocalEmbedder
from sage.service.active_model import ActiveModel
from sage.service.context import ContextBuilder
from sage.service.indexing import Indexer
from sage.service.memory import MemoryService
from sage.service.replica_routing import DatabaseReader, Readers
from sage.service.save_threads import SaveThreads
from sage.service.schema_gate import SchemaGate
from tests.support.library import Library

PEOPLE = """
    Ada Bruno Chen Dora Emil Farah Goran Hana Ivo Jun Kemal Lena Mei Nils Olga Pia Quinn Rosa Sven
    Tara Uma Vera Wanda Xavi Yara Zeno Amir Bianca Carl Dina Egon Fleur Gita Hugo Ines Jonas Kira
    Leon Mona Nadia
""".split()  # noqa: SIM905 - a list of words reads best as words
FACTS = (
    ("{who} works as a {what}.", "What does {who} work as?", ("baker", "pilot")),
    ("{who} lives in {what}.", "Where does {who} live?", ("Lisbon", "Oslo")),
    ("{who}'s favourite drink is {what}.", "What does {who} like to drink?", ("tea", "cocoa")),
    ("The dog of {who} is called {what}.", "What is {who}'s dog called?", ("Rex", "Bella")),
    ("{who} drives a {what}.", "Which car does {who} have?", ("red van", "blue estate car")),
)
CORRECTED = [(who, *fact) for who in PEOPLE for fact in FACTS]
CURRENT = 0.95
LOOKED_UP = 4  # of so many facts what was said first, in turn of each kind


@pytest.fixture
async def memory(database):
    """Save every fact and its correction, and wait for their vectors."""
    embedder = LocalEmbedder()
    await embedder.start()
    library = await Library(database, embedder).open()
    schema_gate = SchemaGate(database, ActiveModel(database, embedder, {}.__getitem__))
    indexer = Indexer(schema_gate)
    context = ContextBuilder(database, library.pipeline)
    readers = Readers(DatabaseReader(library.pipeline, context))
    preparing = asyncio.create_task(schema_gate.run())
    audit = AuditLog(database, AuditSettings())
    service = MemoryService(
        schema_gate=schema_gate,
        readers=readers,
        indexer=indexer,
        audit=audit,
        masking=MaskingPolicy(),
        threads=SaveThreads(),
    )
    for who, told, _, (before, now) in CORRECTED:
        first = await service.save(said(told.format(who=who, what=before)))
        await service.save(said(told.format(who=who, what=now), replaces=first.memory_ids))
    while await indexer.work_off_batch():
        pass
    yield service
    preparing.cancel()
    with suppress(asyncio.CancelledError):
        await preparing
    await embedder.close()


def said(text, **rest):
    return SaveRequest((Message.validate("user", text),), **rest)


async def test_what_holds_now_is_the_first_hit_and_nothing_old_is_lost(memory):
    assert len(CORRECTED) == 200
    current = []
    for number, (who, told, question, (before, now)) in enumerate(CORRECTED):
        asked = question.format(who=who)
        answer = await memory.search(SearchRequest(asked))
        contents = [hit.content for hit in answer.results]
        current.append(contents[0] == told.format(who=who, what=now))
        assert told.format(who=who, what=before) not in contents
        if number % LOOKED_UP:
            continue
        everything = SearchRequest(asked, n=20, filters=Filters(include_superseded=True))
        old = {hit.content: hit.superseded_at for hit in (await memory.search(everything)).results}
        assert old[told.format(who=who, what=before)] is not None
    assert sum(current) / len(current) >= CURRENT

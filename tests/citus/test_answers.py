"""Questions are answered on Citus as on plain PostgreSQL: by words and by meaning."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from benchmarks.memorybank import LABELS, sample
from sage.bootstrap import open_services
from sage.cli.benchmark.conversations import own_sets, read_set
from sage.cli.benchmark.quality import store_set
from sage.domain.relevance import MinRelevance
from sage.domain.searching import SearchRequest
from tests.architecture.sources import ROOT
from tests.support.citus import Node
from tests.support.databases import migrate_database
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.postgres import FAST_AND_LOOSE
from tests.support.serving import settings_for

DATA = ROOT.parent / "shared/data"
LOCOMO, MEMORYBANK = DATA / "locomo-dev.json", DATA / "memorybank-cn-dev.json"
HITS = 10

pytestmark = pytest.mark.timeout(7200)


@pytest.fixture
async def plain(tmp_path):
    """Run the same PostgreSQL without Citus; give the DSN of a migrated database."""
    server = Node(tmp_path, FAST_AND_LOOSE)
    server.create()
    server.start()
    await migrate_database(server.dsn())
    yield server.dsn()
    server.stop()


@pytest.fixture
def sets(size, tmp_path):
    """Give sets of conversations: Sage's own, and all that is there when all is asked."""
    return (*own_sets(), *size(tuple, partial(_large_sets, tmp_path))())


@pytest.fixture
def questions(sets, size):
    """Give what to ask, and where."""
    return [*_questions(sets)][: size(200, 3_000)]


@pytest.fixture
def ask(sets, tmp_path, monkeypatch):
    """Give a function that keeps the sets in a database and gives the answers to questions."""
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())

    async def ask_all(dsn, questions):
        async with open_services(settings_for(dsn, tmp_path / "sage")) as services:
            for one in sets:
                await store_set(services, one, merged=False, progress=lambda _: None)
            return [await _answer(services, *question) for question in questions]

    return ask_all


async def test_plain_postgres_and_citus_answer_alike(plain, postgres_dsn, questions, ask, measured):
    answers = [await ask(dsn, questions) for dsn in (plain, postgres_dsn)]
    differing = [
        (question, one, other)
        for question, one, other in zip(questions, *answers, strict=True)
        if one != other
    ]
    found = sum(len(one[1]) for one in answers[0])
    reordered = sum(sorted(one[1]) == sorted(other[1]) for _, one, other in differing)
    measured(
        f"{len(questions)} questions, {found} results, {len(differing)} answered otherwise,"
        f" {reordered} of these in another order alone"
    )
    assert found > len(questions)
    assert differing == []


async def _answer(services, space, question):
    """Search; give what does not depend on when and where a memory was kept."""
    request = SearchRequest(question, HITS, min_relevance=MinRelevance.NONE, space_id=space)
    answer = await services.memory.search(request)
    hits = [
        (hit.session_id, hit.created_at, hit.role, hit.content, round(hit.standing, 6))
        for hit in answer.results
    ]
    return answer.relevance, hits, list(answer.degraded or ())


def _questions(sets):
    """Yield questions with their spaces, then what was said, as if it were asked."""
    for one in sets:
        for talk in one.conversations:
            yield from ((one.name, question.text) for question in talk.questions)
            yield from ((one.name, text) for text in talk.unanswerable)
    for one in sets:
        for talk in one.conversations:
            for session in talk.sessions:
                yield from ((one.name, turn.message.content) for turn in session)


def _large_sets(folder: Path):
    if not (LOCOMO.exists() and MEMORYBANK.exists()):
        pytest.skip(f"the conversations to ask about are not at {DATA}")
    people = json.loads(MEMORYBANK.read_text())
    labels = json.loads(LABELS.read_text())
    written = folder / "memorybank.json"
    written.write_text(json.dumps([sample(person, labels) for person in people]))
    for path in (LOCOMO, written):
        for talk in read_set(path).conversations:  # each in a space of its own
            yield replace(read_set(path), name=f"{path.stem}-{talk.name}", conversations=(talk,))

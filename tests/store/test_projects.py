"""What is sought by hundreds of terms is found by the words of each memory, the newest first."""

from __future__ import annotations

import pytest

from sage.domain.memories import Role
from sage.domain.recall import SoughtTerms
from sage.retrieval.preferences.decisions import DECISION_TERMS
from sage.store.named_sql import query
from sage.store.projects import matches_of_project
from tests.store.populated import plan, rows_read
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library


@pytest.fixture
async def keep(database):
    library = await Library(database, BagOfWordsEmbedder()).open()

    async def keep(*texts, project="pelican"):
        return await library.keep(*texts, metadata={"project": project}, embedded=False)

    return keep


@pytest.fixture
async def found(database):
    async def find(*alternatives, project="pelican", limit=10):
        async with database.in_space("default") as conn:
            matches = await matches_of_project(
                conn,
                space_id="default",
                project=project,
                but=["other"],
                sought=SoughtTerms.of(*alternatives),
                roles=[Role.USER],
                max_chars=100,
                limit=limit,
            )
        return [one.content for one in matches]

    return find


async def test_what_holds_a_term_of_each_group_of_an_alternative_is_found(keep, found):
    texts = ("brief teal", "always teal", "call teal", "always brief", "brief, always")
    await keep(*texts)
    await keep("always so brief", project="heron")
    brief, always, call = ["brief", "short"], ["alway", "never"], ["call"]
    assert await found((brief, always)) == ["brief, always", "always brief"]
    assert await found((brief, always), (call,)) == [*reversed(texts[2:])]
    assert await found((brief,), limit=2) == ["brief, always", "always brief"]
    assert await found((brief, always, call)) == []
    assert await found((["quetzal"],)) == []
    assert len(await found((brief, always), project=None)) == 3


async def test_no_more_is_read_of_a_project_than_it_takes_to_find_enough(keep, database):
    for number in range(8):
        await keep(*(f"We {'decided' if n % 4 else 'saw'} {number} of {n}" for n in range(100)))
    sought = SoughtTerms.of((DECISION_TERMS,))
    values = ("pelican", [], 1_000, 10, [Role.USER], [6, 8], [*sought.groups], sought.groups)
    async with database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.memories")
    async with database.in_space("default") as conn:
        sought_in = ("default", *values, sought.wanted, 50_000)
        root = await plan(conn, query("matches_of_project"), *sought_in)
    assert root["Actual Rows"] == 10
    assert rows_read(root, "memories") < 100


async def test_of_a_large_space_that_holds_nothing_sought_the_newest_are_looked_at(keep, database):
    for number in range(8):
        await keep(*(f"We saw {number} of {n}" for n in range(100)))
    sought = SoughtTerms.of((DECISION_TERMS,))
    values = ("pelican", [], 1_000, 10, [Role.USER], [6, 8], [*sought.groups], sought.groups)
    async with database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.memories")
    async with database.in_space("default") as conn:
        root = await plan(conn, query("matches_of_project"), "default", *values, sought.wanted, 50)
    assert root["Actual Rows"] == 0
    assert 0 < rows_read(root, "memories") <= 150

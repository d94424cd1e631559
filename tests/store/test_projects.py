"""What sessions begin with is found by what memories state, the newest first."""

from __future__ import annotations

import pytest

from sage.domain.recall import Stated
from sage.store.named_sql import query
from sage.store.projects import stated_of_project
from tests.store.populated import plan, rows_read
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library

TOLD = "We saw a heron by the mill"
PREFERS, WISHES, DECIDES = (
    "I prefer tabs in Makefiles",
    "Always answer me in English, please",
    "We decided to use MariaDB",
)


@pytest.fixture
async def keep(database):
    library = await Library(database, BagOfWordsEmbedder()).open()

    async def keep(*texts, project="pelican"):
        return await library.keep(*texts, metadata={"project": project}, embedded=False)

    return keep


@pytest.fixture
async def found(database):
    async def find(stated, project="pelican", limit=10):
        async with database.in_space("default") as conn:
            matches = await stated_of_project(
                conn,
                space_id="default",
                project=project,
                but=["other"],
                stated=stated,
                limit=limit,
            )
        return [one.content for one in matches]

    return find


async def test_memories_are_found_by_what_they_state(keep, found):
    await keep(TOLD, PREFERS, WISHES, DECIDES)
    await keep(WISHES, project="heron")
    assert await found(Stated.PREFERENCE) == [WISHES, PREFERS]
    assert await found(Stated.PREFERENCE, limit=1) == [WISHES]
    assert await found(Stated.WISH) == [WISHES]
    assert await found(Stated.WISH, project=None) == [WISHES, WISHES]
    assert await found(Stated.DECISION) == [DECIDES]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("preferences_of_project", PREFERS),
        ("wishes_of_project", WISHES),
        ("decisions_of_project", DECIDES),
    ],
)
async def test_of_a_large_space_nothing_is_read_but_what_states_it(keep, database, name, text):
    """Even where all else is newer, and where more of other projects state it than are read."""
    await keep(text)
    await keep(*[text] * 30, project="heron")
    for number in range(8):
        await keep(*(f"{TOLD}, always {number} of {n}" for n in range(100)))
    async with database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.memories")
        for faked in (831, 1e6, 1e7):
            await conn.execute(
                "UPDATE pg_class SET relpages = greatest($1 / 8, relpages), reltuples = $1"
                " WHERE oid = 'sage.memories'::regclass",
                faked,
            )
            async with database.in_space("default") as within:
                chosen = ("pelican", [], 300, [6, 8])
                whole = await plan(within, query(name), "default", *chosen, 3_000)
                part = await plan(within, query(name), "default", *chosen, 20)
            assert (whole["Actual Rows"], part["Actual Rows"]) == (1, 0)
            assert rows_read(whole, "memories") <= 31
            assert rows_read(part, "memories") <= 20

"""Pages of memories and sessions: complete, in order, and read by an index."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta

import asyncpg
import pytest

from sage.domain import limits
from sage.domain.listing import MemoriesRequest, PageRequest, SessionsRequest
from sage.store import listing, memories
from sage.store.named_sql import QUERIES
from tests.store.populated import indexes_of, nodes, plan, rows_read
from tests.support.saving import NOON, message, save


async def read_all(database, read, limit):
    """Read every page; return its entries page by page."""
    pages, cursor = [], None
    while True:
        async with database.across_spaces() as conn:
            page = await read(conn, cursor, limit)
        entries = page.sessions if hasattr(page, "sessions") else page.memories
        pages.append(list(entries))
        cursor = page.next_cursor
        if cursor is None:
            return pages


async def newest(conn, cursor, limit):
    return await listing.list_memories(conn, MemoriesRequest(limit, cursor))


async def tea(conn, cursor, limit):
    return await listing.list_session(conn, "tea", PageRequest(limit, cursor))


async def sessions(conn, cursor, limit, **fitting):
    return await listing.list_sessions(conn, SessionsRequest(limit, cursor, **fitting))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_hold_every_memory_once_the_newest_first(database, limit):
    same_time = [message(f"equal {number}") for number in range(4)]
    later = [message("later", NOON + timedelta(microseconds=1))]
    await save(database, [*same_time, *later], "tea")
    await save(database, [message("earlier", NOON - timedelta(days=1))], "milk")
    pages = await read_all(database, newest, limit)
    assert all(len(page) == limit for page in pages[:-1])
    assert [memory.content for page in pages for memory in page] == [
        *("later", "equal 3", "equal 2", "equal 1", "equal 0", "earlier")
    ]


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_pages_of_a_session_follow_its_order(database, limit):
    rows = [message(f"number {number}") for number in range(5)]
    await save(database, rows)
    await save(database, [message("of another")], "milk")
    pages = await read_all(database, tea, limit)
    assert [memory.content for page in pages for memory in page] == [
        row.memory.content for row in rows
    ]


async def test_a_session_that_is_not_there_is_an_empty_page(database):
    async with database.across_spaces() as conn:
        page = await listing.list_session(conn, "nobody", PageRequest(5))
    assert (page.memories, page.next_cursor) == ((), None)


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_sessions_come_by_their_latest_message_and_are_summed_up(database, limit):
    hour = timedelta(hours=1)
    await save(database, [message("old tea"), message("new tea", NOON + 5 * hour)], "tea")
    await save(database, [message("milk", NOON + hour), message("milk 2", NOON + 2 * hour)], "milk")
    await save(database, [message("x" * 300, NOON + 3 * hour)], "long")
    await save(database, [message("of others", NOON + 9 * hour)], "tea", space_id="other")
    found = [one for page in await read_all(database, sessions, limit) for one in page]
    assert [one.session_id for one in found] == ["tea", "long", "milk"]
    assert [one.memories for one in found] == [2, 1, 2]
    assert (found[0].first_at, found[0].last_at) == (NOON, NOON + 5 * hour)
    assert [one.preview for one in found] == ["old tea", "x" * 200, "milk"]


async def test_what_is_forgotten_is_in_no_list(database):
    kept, gone = message("kept"), message("gone", NOON + timedelta(hours=1))
    await save(database, [kept, gone], "tea")
    await save(database, [message("all gone")], "milk")
    async with database.across_spaces() as conn:
        await memories.forget(conn, "default", [gone.memory.memory_id], None)
        await memories.forget(conn, "default", [], "milk")
    assert [[one.content for one in page] for page in await read_all(database, newest, 9)] == [
        ["kept"]
    ]
    [[summary]] = await read_all(database, sessions, 9)
    assert (summary.session_id, summary.memories, summary.last_at) == ("tea", 1, NOON)


async def test_a_memory_saved_between_two_pages_moves_none(database):
    await save(database, [message(str(number)) for number in range(4)])
    async with database.across_spaces() as conn:
        first = await newest(conn, None, 2)
    await save(database, [message("new", NOON + timedelta(hours=1))])
    async with database.across_spaces() as conn:
        second = await newest(conn, first.next_cursor, 2)
    assert [one.content for one in (*first.memories, *second.memories)] == ["3", "2", "1", "0"]


async def test_a_cursor_says_when_and_which_memory_and_not_how_many_there_are(database):
    rows = [message(str(number)) for number in range(3)]
    await save(database, [message("of others")], space_id="other")
    await save(database, rows)
    async with database.across_spaces() as conn:
        pages = [await newest(conn, None, 1), await tea(conn, None, 1)]
        listed = await sessions(conn, None, 1, space_id="other")
    for page, row in zip(pages, (rows[-1], rows[0]), strict=True):
        said = base64.urlsafe_b64decode(page.next_cursor)
        assert said[8:] == row.memory.memory_id.bytes
        assert int.from_bytes(said[:8]) == NOON.timestamp() * 1_000_000
    assert listed.next_cursor is None


@pytest.mark.parametrize(("read", "order"), [(newest, "3210"), (tea, "0123")])
async def test_a_memory_that_is_deleted_between_two_pages_takes_no_other_with_it(
    database, read, order
):
    await save(database, [message(str(number)) for number in range(4)])
    async with database.across_spaces() as conn:
        first = await read(conn, None, 2)
        gone = first.memories[-1]
        await conn.execute("DELETE FROM sage.memories WHERE memory_id = $1", gone.memory_id)
        rest = await read(conn, first.next_cursor, 9)
    assert [one.content for one in rest.memories] == [one for one in order if one != gone.content]


async def test_a_page_of_long_texts_ends_early_and_the_next_goes_on(database):
    rows = [message("茶" * 90_000, lexemes="") for _ in range(9)]
    await save(database, rows)
    pages = await read_all(database, tea, 100)
    assert [len(page) for page in pages] == [4, 4, 1]
    assert sum(len(one.content.encode()) for one in pages[0][:-1]) < limits.MAX_PAGE_BYTES
    assert [one.memory_id for page in pages for one in page] == [
        row.memory.memory_id for row in rows
    ]


@pytest.fixture
async def crowded(postgres_dsn):
    """Connect to 30,000 memories of one space, 1,500 sessions of months, and 3,000 of another."""
    conn = await asyncpg.connect(postgres_dsn)
    await conn.execute(
        """
        INSERT INTO sage.sessions SELECT 'default', 's' || n FROM generate_series(0, 1499) AS n;
        INSERT INTO sage.sessions SELECT 'other', 's' || n FROM generate_series(0, 149) AS n;
        INSERT INTO sage.memories
            (space_id, memory_id, session_id, role, content, created_at, forgotten_at, lexemes,
             import_id)
        SELECT CASE WHEN n > 30000 THEN 'other' ELSE 'default' END, gen_random_uuid(),
            's' || CASE WHEN n > 30000 THEN n % 150 ELSE n / 20 % 1500 END, 'user',
            repeat('tea ', 100), now() - make_interval(mins => 5 * (33000 - n)),
            CASE WHEN n % 100 = 0 THEN now() END, '',
            CASE WHEN n <= 2500 OR n > 30000 THEN lpad((n / 2000)::text, 32, '0')::uuid END
        FROM generate_series(1, 33000) AS n;
        INSERT INTO sage.memory_classes SELECT space_id, memory_id, 0, 1 FROM sage.memories;
        SELECT sage.count_sessions(space_id, array_agg(session_id), '{}')
        FROM sage.sessions GROUP BY space_id;
        """
    )
    await conn.execute("VACUUM ANALYZE")
    yield conn
    await conn.close()


@pytest.mark.parametrize("plans", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("name", "arguments", "index"),
    [
        ("list_memories", "'default', {middle}, 51", "memories_by_time"),
        ("list_session", "'default', 's7', {middle}, 51", "memories_by_session"),
        ("list_memories_back", "'default', {middle}, 51", "memories_by_time"),
        ("list_kept", "'default', {middle}, 51, '-infinity', 'infinity'", "memories_by_keeping"),
        (
            "list_kept_back",
            "'default', {middle}, 51, '-infinity', 'infinity'",
            "memories_by_keeping",
        ),
        ("list_session_back", "'default', 's7', {middle}, 51", "memories_by_session"),
        ("list_sessions", "{all}, {middle}, 51, 200", "session_days_by_day"),
        ("list_sessions", "{all}, 'infinity', NULL, 51, 200", "session_days_by_day"),
        ("list_sessions", "{of_team}, 'infinity', NULL, 51, 200", "session_days"),
        ("list_sessions", "{day}, 'infinity', NULL, 51, 200", "session_days_by_day"),
        ("list_sessions_back", "{all}, {middle}, 51, 200", "session_days_by_day"),
        ("count_session", "'default', 's7'", "session_days_pkey"),
        ("count_listed_sessions", "{all}, 2000", "session_days_by_day"),
        ("list_imports_of", "'default', true, NULL, NULL, 100", "memories_of_imports"),
    ],
)
async def test_a_page_is_read_by_an_index_and_reads_little_else(
    crowded, plans, name, arguments, index
):
    middle = await crowded.fetchrow(
        "SELECT created_at, memory_id FROM sage.memories WHERE arrival = 15000"
    )
    given = arguments.format(
        middle=f"'{middle['created_at'].isoformat()}', '{middle['memory_id']}'",
        all="'default', '-infinity', 'infinity', NULL, NULL, NULL",
        of_team="'default', '-infinity', 'infinity', ARRAY['nobody'], 'rest', 'anna'",
        day="'default', now() - interval '1 hour', now(), NULL, NULL, NULL",
    )
    await crowded.execute(f"SET plan_cache_mode = {plans}; PREPARE page AS {QUERIES[name]}")
    root = await plan(crowded, f"EXECUTE page ({given})")
    assert any(name.startswith(index) for name in indexes_of(root))
    assert rows_read(root, "memories") <= 5_000
    assert not any("Seq Scan" in node["Node Type"] for node in nodes(root))


async def test_the_ids_of_other_spaces_are_in_no_list(database):
    await save(database, [message("mine")], "tea")
    async with database.across_spaces() as conn:
        page = await listing.list_memories(conn, MemoriesRequest(5, space_id="other"))
        summaries = await sessions(conn, None, 5, space_id="other")
    assert (page.memories, summaries.sessions) == ((), ())


async def days_of(database):
    async with database.across_spaces() as conn:
        return [
            tuple(row)
            for row in await conn.fetch(
                "SELECT session_id, day, memories, first_at, last_at, project, source, author"
                " FROM sage.session_days ORDER BY 1, 2"
            )
        ]


async def test_what_is_counted_a_day_follows_each_change(database):
    """It equals what is counted anew, whoever changed what."""
    hours = [NOON + timedelta(hours=number) for number in (0, 1, 13, 14)]
    rows = [message(str(when), when) for when in hours]
    await save(database, rows[:3], "tea", metadata={"project": "/srv/tea"})
    await save(database, [rows[3]], "tea")
    await save(database, [message("of others")], "milk", space_id="other")
    states = []

    async def note():
        found = await days_of(database)
        async with database.transaction_across_spaces() as conn:
            for space_id in ("default", "other"):
                await conn.execute("SELECT sage.count_sessions($1, '{tea,milk}', '{}')", space_id)
        assert await days_of(database) == found
        states.append([(day, count, first, last) for _, day, count, first, last, *_ in found[1:]])

    may8, may9 = NOON.date(), NOON.date() + timedelta(days=1)
    await note()
    ids = [row.memory.memory_id for row in rows]
    async with database.in_space("default") as conn:
        await memories.forget(conn, "default", [ids[0], ids[3]], None)
    await note()
    async with database.in_space("default") as conn:
        await memories.forget(conn, "default", [ids[2]], None)
    await note()
    async with database.in_space("default") as conn:
        await memories.restore(conn, "default", ids, None)
    await note()
    whole = [(may8, 2, hours[0], hours[1]), (may9, 2, hours[2], hours[3])]
    assert states == [
        whole,
        [(may8, 1, hours[1], hours[1]), (may9, 1, hours[2], hours[2])],
        [(may8, 1, hours[1], hours[1])],
        whole,
    ]
    assert {row[5] for row in (await days_of(database))[1:]} == {"/srv/tea"}


async def test_a_save_and_a_count_anew_of_one_session_lose_nothing(database):
    """The one that counts waits for the other, also where that has begun a day."""
    await save(database, [message("first")])
    async with database.across_spaces() as conn:
        forgotten = message("forgotten")
        await save(database, [forgotten])
        for number in range(5):
            later = NOON + timedelta(days=number + 1)
            await asyncio.gather(
                save(database, [message("later", later)]),
                save(database, [message("later still", later)]),
                memories.forget(conn, "default", [forgotten.memory.memory_id], None),
            )
            await memories.restore(conn, "default", [forgotten.memory.memory_id], None)
    counted = [row[2] for row in await days_of(database)]
    assert counted == [2, 2, 2, 2, 2, 2]

"""What pages read does not grow with what is kept: no table of it is read from end to end.

Nor do they take much longer than `/health`, by the ratio of the best times of calls in turns: other
work on the machine only adds to them. While it is above its bound, more calls are made: that makes
the best times of both better, and of what is slow not enough.
"""

import asyncio
import time
from collections import Counter

import asyncpg
import httpx
import pytest

from benchmarks.explaining import explaining
from sage.console.pages import ConsolePages
from tests.console.states import PAGES
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

SMALL, LARGE = 150, 600
"""Sessions of twenty messages, spread over a year."""

MAX_GROWTH, SLACK = 2, 50
"""Of the blocks of a page where four times as much is kept."""
HEALTH, MAX_CALLS, MAX_RATIO = "/health", 40, 60  # measured: 6
FILL = (
    "TRUNCATE sage.sessions, sage.memories, sage.memory_classes, sage.session_days CASCADE",
    "INSERT INTO sage.sessions SELECT 'default', 's' || n FROM generate_series(0, $1 - 1) AS n",
    """
    INSERT INTO sage.memories
        (space_id, memory_id, session_id, role, content, created_at, metadata, lexemes)
    SELECT 'default', gen_random_uuid(), 's' || n / 20, 'user', repeat('tea ', 60),
        now() - 365 * (1 - n / 20 / $1::numeric) * interval '1 day'
            - (20 - n % 20) * interval '1 min',
        jsonb_build_object('project', '/srv/' || n / 20 % 7), ('w' || n % 29 || ':1')::tsvector
    FROM generate_series(0, $1 * 20 - 1) AS n
    """,
    """
    INSERT INTO sage.memory_classes
    SELECT space_id, memory_id, 0, 1 FROM sage.memories ON CONFLICT DO NOTHING
    """,
    """
    SELECT sage.count_sessions('default', ARRAY['s' || n], '{}')
    FROM generate_series(0, $1 - 1) AS n
    """,
)
FIRST = {route: next(iter(states.values())).path for route, states in PAGES.items()}
ADDRESSES = {
    **{route: path for route, path in FIRST.items() if "{" not in path},
    "/sessions/{session_id:path}": "/sessions/s7",
    "a project": "/sessions?project=/srv/3",
    "search": "/?q=w7+w8&other=w9",
}


@pytest.fixture
def kept(postgres_server, migrated_template, tmp_path):
    """Return what keeps so many sessions and returns what each page reads then, and what asks."""
    with new_database(postgres_server, migrated_template) as dsn:
        settings = settings_for(dsn, tmp_path)
        with (
            serving(settings, pages=ConsolePages(settings.server)) as url,
            httpx.Client(base_url=url, timeout=60) as client,
        ):

            def keep_and_read(sessions):
                asyncio.run(fill(dsn, sessions))
                found = {}
                for name, path in ADDRESSES.items():
                    assert client.get(path).status_code < 500
                    with explaining() as read:
                        client.get(path)
                    found[name] = read
                return found

            yield keep_and_read, client.get


async def fill(dsn, sessions):
    conn = await asyncpg.connect(dsn)
    async with conn.transaction():  # what Sage does by itself finds all of it or nothing
        for statement in FILL:
            await conn.execute(statement, *([sessions] if "$1" in statement else []))
    await conn.execute("VACUUM ANALYZE")
    await conn.close()


def test_four_times_as_much_does_not_have_pages_read_much_more(kept):
    read, ask = kept
    small, large = read(SMALL), read(LARGE)
    assert [name for name, found in large.items() if "memories" in dict(found.whole).values()] == []
    grown = {}
    for name, found in large.items():
        before = small[name].blocks.total()
        if found.blocks.total() > MAX_GROWTH * before + SLACK:
            more = Counter(found.blocks)
            more.subtract(small[name].blocks)
            grown[name] = before, found.blocks.total(), more.most_common(3)
    assert grown == {}, "\n".join(map(str, grown.items()))
    assert large["/"].blocks.total() > 0
    best = dict.fromkeys((HEALTH, *ADDRESSES.values()), float("inf"))
    for _ in range(MAX_CALLS):
        for path in best:
            began = time.perf_counter()
            ask(path)
            best[path] = min(best[path], time.perf_counter() - began)
        ratios = {path: round(took / best[HEALTH], 1) for path, took in best.items()}
        if max(ratios.values()) <= MAX_RATIO:
            return
    raise AssertionError(ratios)

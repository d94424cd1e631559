"""Two spaces side by side and a model of both: what is seen of one is never of the other."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from itertools import count
from uuid import UUID, uuid4

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from sage.access.authorization import acting_as
from sage.api.arguments import ContextArguments, ForgetArguments, ReadArguments, SaveArguments
from sage.api.arguments import SearchArguments as Search
from sage.api.arguments import SpaceArguments as Anything
from sage.api.tools import CONTEXT, FORGET, MEMORIES, SAVE, SEARCH, STATS
from sage.bootstrap import open_services
from sage.domain.caller import Grant, Principal, SpaceRole
from sage.domain.listing import MemoriesRequest, SessionsRequest
from sage.errors import InvalidInputError, NotFoundError, StoreError
from sage.service.schema_gate import retry
from sage.store.connections.pool import open_database
from sage.store.failures import is_retryable
from sage.store.repeating import repeated
from tests.support import citus
from tests.support.serving import settings_for

_START_S = 60
WORDS = ("heron", "nest", "mill", "pond")
SESSIONS = ("tea", "birds")
TABLES = """
SELECT DISTINCT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'sage'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    AND attname = 'space_id' AND has_table_privilege(pg_class.oid, 'SELECT')
"""


ON_CITUS = bool(os.environ.get(citus.VARIABLE))
REFUSALS = (asyncpg.InsufficientPrivilegeError,)
if ON_CITUS:  # it moves no row to another space, whoever asks for it
    REFUSALS += (asyncpg.FeatureNotSupportedError,)


def limit_s(operations):
    """Return how long so many operations may take; on Citus statements are planned on two nodes."""
    return 300 + 5 * operations if ON_CITUS else 60 + operations


tenants = st.sampled_from((0, 1))
picks = st.lists(st.integers(0, 10_000), min_size=1, max_size=6)
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
sessions = st.sampled_from(SESSIONS)


class World:
    """Services over one database, and a loop to call them on."""

    def __init__(self, dsn, folder):
        self.dsn, self.folder = dsn, folder
        self.operations, self.numbers = 0, count()
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()

    def __enter__(self):
        self.do(self._start())
        return self

    def __exit__(self, *_):
        self.do(self._open.aclose())
        self._runner.close()

    def do(self, work):
        return self._runner.run(work)

    async def empty(self):
        await delete_all(self.database)

    async def execute(self, sql):
        """Run a statement as the owner, on this loop: what a start does there may be in its way."""
        async with self.database.across_spaces() as conn:
            await conn.execute(sql)

    async def _start(self):
        settings = settings_for(self.dsn, self.folder)
        self.services = await self._open.enter_async_context(open_services(settings))
        async with asyncio.timeout(_START_S):
            await retry(self._ready, on_failure=lambda _: None)
        self.database = await open_database(self.dsn, max_size=2)
        self._open.push_async_callback(self.database.close)
        async with self.database.in_space() as conn:
            await conn.execute("RESET ROLE")
            self.tables = [table for (table,) in await conn.fetch(TABLES)]
        assert "memories" in self.tables

    async def _ready(self):
        """Wait for the schema as every call does, which a busy machine may take longer for."""
        async with self.services.database.in_space(""):
            pass


async def delete_all(database):
    """Delete what all spaces hold, once no work in the background is in the middle of it.

    On Citus the lock is one of the coordinator: work on the nodes may meet it in a deadlock.
    """

    async def delete():
        async with database.transaction_across_spaces() as conn:
            await conn.execute("LOCK TABLE sage.memories IN EXCLUSIVE MODE")
            for table in ("memories", "sessions", "session_days", "saves"):
                await conn.execute(f"DELETE FROM sage.{table}")

    await repeated(delete, is_retryable)


class Tenant:
    """A space, who may open it, and what it is known to hold."""

    def __init__(self, world, number):
        self.space = f'it\'s {number} \\ "{number}"'
        self.mark = f"mark{number}x"
        self.live, self.forgotten, self.said = {}, {}, {}
        self._world = world
        self.principal = Principal((Grant(self.space, self.space, SpaceRole.OWNER),))

    def call(self, tool, arguments):
        async def called():
            with acting_as(self.principal):
                return await tool.call(self._world.services, arguments)

        return self._world.do(called())

    def holds(self, words):
        """Return whether any of the words must be found: by meaning, others may be, too."""
        return any(set(words.split()) & set(self.said[one].split()) for one in self.live)

    def raw(self, sql, *values, in_none=False):
        """Run a statement in this space or in none, as the application trying to be the owner."""

        async def asked():
            async with self._world.database.in_space(None if in_none else self.space) as conn:
                await conn.execute("RESET ROLE")
                return await conn.fetch(sql, *values)

        return self._world.do(asked())


class TwoTenants(RuleBasedStateMachine):
    """Does anything in either space, by whatever ids there are. `world` is set by a subclass."""

    world: World

    def __init__(self):
        super().__init__()
        self.tenants = [Tenant(self.world, next(self.world.numbers)) for _ in range(2)]

    def teardown(self):
        """Leave nothing, so that steps that failed fail again."""
        self.world.do(self.world.empty())

    def _both(self, which):
        self.world.operations += 1
        return self.tenants[which], self.tenants[1 - which]

    def _ids(self, numbers):
        """Choose ids of either space, or of none."""
        known = [one for each in self.tenants for one in (*each.live, *each.forgotten)]
        return [*{known[n % len(known)] if known and n % 9 else uuid4() for n in numbers}]

    @rule(which=tenants, session=sessions, said=words)
    def save(self, which, session, said):
        own, _ = self._both(which)
        text = f"{said} {own.mark} {next(self.world.numbers)}"
        answer = f"so {text} by the weir"
        turn = {"user_prompt": text, "assistant_response": answer, "session_id": session}
        receipt = own.call(SAVE, SaveArguments.parse(turn))
        own.live |= dict.fromkeys(receipt.memory_ids, session)
        own.said |= dict.fromkeys(receipt.memory_ids, text)

    @rule(which=tenants, said=words)
    def search(self, which, said):
        own, other = self._both(which)
        answer = own.call(SEARCH, Search.parse({"query": said, "n": 50}))
        found = answer.results
        assert {hit.memory_id for hit in found} <= set(own.live)
        assert not [hit for hit in found if other.mark in hit.content]
        assert found or answer.degraded or not own.holds(said)

    @rule(which=tenants, said=words)
    def gather(self, which, said):
        own, other = self._both(which)
        answer = own.call(CONTEXT, ContextArguments.parse({"query": said}))
        assert other.mark not in answer.context
        assert own.mark in answer.context or answer.degraded or not own.holds(said)

    @rule(which=tenants, numbers=picks)
    def read(self, which, numbers):
        own, _ = self._both(which)
        ids = self._ids(numbers)
        answer = own.call(MEMORIES, ReadArguments.parse({"memory_ids": [*map(str, ids)]}))
        assert {one.memory_id for one in answer.memories} == set(ids) & set(own.live)
        assert {UUID(one) for one in answer.unknown} == set(ids) - set(own.live)

    @rule(which=tenants, numbers=picks, undo=st.booleans())
    def forget(self, which, numbers, undo):
        own, _ = self._both(which)
        ids = self._ids(numbers)
        asked = ForgetArguments.parse({"memory_ids": [*map(str, ids)], "undo": undo})
        answer = own.call(FORGET, asked)
        before, after = (own.forgotten, own.live) if undo else (own.live, own.forgotten)
        changed = set(ids) & set(before)
        assert answer.forgotten + answer.restored == len(changed)
        assert answer.unknown == len(set(ids) - set(own.live) - set(own.forgotten))
        after |= {one: before.pop(one) for one in changed}

    @rule(which=tenants, session=sessions)
    def forget_session(self, which, session):
        own, _ = self._both(which)
        answer = own.call(FORGET, ForgetArguments.parse({"session_id": session}))
        gone = [one for one, where in own.live.items() if where == session]
        assert answer.forgotten == len(gone)
        own.forgotten |= {one: own.live.pop(one) for one in gone}

    @rule(which=tenants, numbers=picks)
    def replace(self, which, numbers):
        own, _ = self._both(which)
        ids = [one for one in self._ids(numbers) if one not in (*own.live, *own.forgotten)]
        turn = {"user_prompt": own.mark, "assistant_response": "so", "replaces": [*map(str, ids)]}
        if ids:
            try:
                own.call(SAVE, SaveArguments.parse(turn))
            except InvalidInputError:
                return
            raise AssertionError("a foreign memory was replaced")

    @rule(which=tenants, session=sessions)
    def look(self, which, session):
        own, _ = self._both(which)
        there = {one for one, where in own.live.items() if where == session}
        page = MemoriesRequest(limit=100, space_id=own.space)
        listing, do = self.world.services.listing, self.world.do
        listed = do(listing.list_memories(page)).memories
        assert len(listed) == min(len(own.live), 100)
        assert {one.memory_id for one in listed} <= set(own.live)
        listed = do(listing.list_sessions(SessionsRequest(limit=100, space_id=own.space)))
        of_sessions = {one.session_id for one in listed.sessions}
        assert of_sessions == set(own.live.values())
        try:
            read = do(self.world.services.memory.read_session(own.space, session))
        except NotFoundError:
            read = ()
        assert {one.memory_id for one in read} == there

    @rule(which=tenants)
    def count(self, which):
        own, _ = self._both(which)
        answer = own.call(STATS, Anything.parse({}))
        assert answer.memories == len(own.live)
        assert answer.queue.pending + answer.queue.failed <= len(own.live)

    @rule(which=tenants, numbers=picks)
    def ask_the_database(self, which, numbers):
        """Send what a statement with a bug might: without the space, or with the other's."""
        own, other = self._both(which)
        ids = self._ids(numbers)
        foreign = [one for one in ids if one not in (*own.live, *own.forgotten)]
        counted = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FILTER (WHERE space_id <> $1), count(*) FROM sage.{table}"
            for table in self.world.tables
        )
        assert [table for table, others, _ in own.raw(counted, own.space) if others] == []
        rows = own.raw(counted, own.space, in_none=True)
        assert [table for table, _, all_of_them in rows if all_of_them] == []
        [(kept,)] = own.raw("SELECT count(*) FROM sage.memories")
        assert kept == len(own.live) + len(own.forgotten)
        by_ids = "FROM sage.memories WHERE memory_id = ANY ($1::uuid[])"
        assert own.raw(f"SELECT content {by_ids}", foreign) == []
        assert own.raw(f"DELETE {by_ids} RETURNING 1", foreign) == []
        changing = (
            "UPDATE sage.memories SET content = '' || content WHERE space_id = $1 RETURNING 1"
        )
        assert own.raw(changing, other.space) == []
        [(seen,)] = own.raw("SELECT count(*) FROM sage.visible_memories")
        assert seen == kept

    @rule(which=tenants)
    def write_elsewhere(self, which):
        own, other = self._both(which)
        for sql in (
            "INSERT INTO sage.sessions (space_id, session_id) VALUES ($1, gen_random_uuid())",
            "INSERT INTO sage.saves VALUES ($1, gen_random_uuid(), '', 'x', ARRAY[$2::uuid])",
            "UPDATE sage.sessions SET space_id = $1 WHERE $2::uuid IS NOT NULL",
        ):
            values = [other.space, uuid4()][: sql.count("$")]
            try:
                changed = own.raw(f"{sql} RETURNING 1", *values)
            except StoreError as error:
                assert isinstance(error.__cause__, REFUSALS)  # noqa: PT017
            else:
                assert changed == []

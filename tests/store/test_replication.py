"""Several servers in one DSN: which is used, and what is answered before a replica has it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from sage.errors import StoreUnavailableError
from sage.store.migrate import migrate
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.replication import replicated
from tests.support.saving import message, save


@pytest.fixture(scope="module")
def servers():
    """Run a primary and a replica that every commit waits for."""
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    try:
        with replicated(directory, synchronous=True) as pair:
            yield pair
    finally:
        shutil.rmtree(directory)


def address_of(*servers, options=""):
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return f"postgresql://postgres@{hosts}/postgres{options}"


@asynccontextmanager
async def silent_server():
    """Take connections and never answer; give the port and the connections."""
    taken = []

    async def ignore(reader, writer):
        taken.append(writer)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(ignore, "127.0.0.1") as server:
        yield server.sockets[0].getsockname()[1], taken


@pytest.mark.parametrize("options", ["", "?target_session_attrs=read-write"])
async def test_the_primary_is_used_wherever_it_stands_in_the_list(servers, opened, options):
    primary, replica = servers
    address = address_of(replica, primary, options=options)
    async with opened(address) as database, database.across_spaces() as conn:
        assert await conn.fetchval("SELECT pg_is_in_recovery()") is False


async def test_a_list_without_a_primary_says_so(servers, opened, monkeypatch):
    monkeypatch.setattr("sage.store.connections.driver_pool._OUTAGE_TIMEOUT_S", 2)
    _, replica = servers
    gone = SimpleNamespace(port=free_port())
    async with opened(address_of(replica, gone)) as database:
        with pytest.raises(StoreUnavailableError, match="none of the database hosts"):
            async with database.across_spaces():
                pass


async def test_a_server_that_hangs_is_passed_over_and_asked_last_from_then_on(postgres_dsn, opened):
    parts = urlsplit(postgres_dsn)
    async with silent_server() as (port, taken):
        hosts = f"postgres@127.0.0.1:{port},{parts.hostname}:{parts.port}"
        address = parts._replace(netloc=hosts).geturl()
        async with (
            opened(address) as database,
            database.across_spaces() as conn,
            database.across_spaces() as another,
        ):
            assert await conn.fetchval("SELECT 1") == await another.fetchval("SELECT 1")
        assert len(taken) == 1


async def test_a_connection_to_a_server_that_takes_no_more_writes_is_replaced(postgres_dsn, opened):
    async with opened(postgres_dsn, max_size=1) as database:
        await save(database, [message()])
        async with database.across_spaces() as conn:
            await conn.execute("SET default_transaction_read_only = on")
        assert (await save(database, [message("again")])).saved


async def test_a_retry_is_not_answered_before_the_replica_has_what_the_first_try_kept(
    servers, opened
):
    primary, replica = servers
    async with opened(address_of(primary, replica), command_timeout_s=1) as database:
        await migrate(database)
        replica.pause_receiving()
        with pytest.raises(StoreUnavailableError):
            await save(database, [message()], retry_key="tea")
        # A commit whose wait is cancelled counts on the primary, though the replica lacks it.
        primary.ask(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event='SyncRep'"
        )
        wait_for(lambda: primary.ask("SELECT count(*) FROM sage.memories") == "1")
        with pytest.raises(StoreUnavailableError):
            await save(database, [message()], retry_key="tea")
        replica.resume_receiving()
        receipt = await save(database, [message()], retry_key="tea")
        assert not receipt.saved
    held = f"SELECT count(*) FROM sage.memories WHERE memory_id = '{receipt.memory_ids[0]}'"
    assert replica.ask(held) == "1"

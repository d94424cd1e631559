"""Sage behind a transaction pooler, which refuses or ignores settings of a session."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from sage.domain.embedding import EmbeddingModel
from sage.errors import SageError, StoreUnavailableError
from sage.store import memories
from sage.store.active_model import ensure_active_model, lock_active, switch_active_model
from sage.store.migrate import migrate
from sage.store.reembedding import reembedding_lock
from sage.store.vectors import register_model
from tests.support.saving import message, save

_TLS_REQUEST = bytes.fromhex("0000000804d2162f")
_KNOWN = {b"user", b"database", b"client_encoding", b"application_name"}


def _refusal(parameter):
    fields = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: " + parameter + b"\0\0"
    return b"E" + (4 + len(fields)).to_bytes(4, "big") + fields


def _without_settings(startup):
    """Take out what PgBouncer does not pass on when its ignore_startup_parameters names it."""
    words = startup[8:].split(b"\0")[:-2]
    known = [
        word
        for pair in zip(words[::2], words[1::2], strict=True)
        if pair[0] in _KNOWN
        for word in pair
    ]
    body = startup[4:8] + b"".join(word + b"\0" for word in known) + b"\0"
    return (4 + len(body)).to_bytes(4, "big") + body


@asynccontextmanager
async def _pooler(dsn, *, refuses):
    """Pass connections through, but not their settings, in the way PgBouncer does."""
    server = urlsplit(dsn)

    async def serve(reader, writer):
        startup = await reader.readexactly(8)
        if startup == _TLS_REQUEST:
            writer.write(b"N")
            startup = await reader.readexactly(8)
        startup += await reader.readexactly(int.from_bytes(startup[:4], "big") - 8)
        strange = [name for name in startup[8:].split(b"\0")[:-2:2] if name not in _KNOWN]
        if strange and refuses:
            writer.write(_refusal(strange[0]))
        else:
            upstream = await asyncio.open_connection(server.hostname, server.port)
            upstream[1].write(_without_settings(startup))
            await asyncio.gather(_pass(reader, upstream[1]), _pass(upstream[0], writer))
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1")
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server._replace(netloc=f"{server.username}@127.0.0.1:{port}").geturl()


async def _pass(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@pytest.fixture(params=[True, False], ids=["refusing", "ignoring"])
async def pooling(request, empty_postgres_dsn, opened):
    """Open an empty database through a pooler that refuses settings, or ignores them."""
    async with (
        _pooler(empty_postgres_dsn, refuses=request.param) as dsn,
        opened(dsn, max_size=4) as database,
    ):
        yield database


async def test_a_memory_is_kept_and_read_behind_a_pooler(pooling):
    await migrate(pooling)
    await save(pooling, [message("tea")])
    async with pooling.across_spaces() as conn:
        [kept] = await memories.read_session(conn, "default", "tea")
    assert kept.content == "tea"


@pytest.mark.parametrize("lend", ["in_space", "across_spaces", "transaction_across_spaces"])
async def test_the_bounds_hold_and_end_with_the_transaction(pooling, lend):
    async with getattr(pooling, lend)() as conn:
        assert await conn.fetchval("SELECT current_setting('statement_timeout')") == "9s"
        assert await conn.fetchval("SELECT current_setting('jit')") == "off"
        assert await conn.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
    pools = pooling._pools  # noqa: SLF001 - looks at what the session keeps
    pool = pools.of_spaces if lend == "in_space" else pools.of_owner
    driver = await pool.acquire()
    assert await driver.fetchval("SELECT current_setting('statement_timeout')") == "0"
    assert await driver.fetch("SELECT name FROM pg_prepared_statements WHERE name <> ''") == []
    await pool.release(driver)


async def test_what_a_connection_did_before_its_block_failed_is_still_undone_or_kept_whole(
    pooling,
):
    await migrate(pooling)
    rows = [message("first"), message("second", lexemes="'unbalanced")]
    with pytest.raises(Exception, match="could not parse"):
        await save(pooling, rows)
    async with pooling.across_spaces() as conn:
        assert await memories.read_session(conn, "default", "tea") == ()


async def test_models_are_switched_and_one_move_runs_at_a_time_behind_a_pooler(pooling):
    await migrate(pooling)
    await save(pooling, [message("tea")])
    first, second = (EmbeddingModel("test", name, 3) for name in ("first", "second"))
    served = await ensure_active_model(pooling, first)
    async with pooling.across_spaces() as conn:
        second_id = await register_model(conn, second)
    async with reembedding_lock(pooling):
        with pytest.raises(SageError, match="another `sage reembed`"):
            async with reembedding_lock(pooling):
                pass
    assert (await switch_active_model(pooling, second_id, {})).pending == 1
    async with pooling.transaction_across_spaces() as conn:
        with pytest.raises(StoreUnavailableError):
            await lock_active(conn, served.model_id)
        await lock_active(conn, second_id)

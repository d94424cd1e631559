"""What works in spaces logs in as the role that owns nothing: how, and where it cannot."""

from __future__ import annotations

import asyncio
import struct
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import asyncpg
import pytest

from sage.errors import StoreError
from sage.store.connections.application_login import scram_verifier
from sage.store.connections.pool import POOL_SIZE
from sage.store.migrate import migrate
from tests.support.password_postgres import PASSWORD, ROLE
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import ask
from tests.support.saving import message, save

WARNING = "requests_log_in_as_owner"


async def session_of(database):
    """Return who works in a space, and who that is once it is reset."""
    async with database.in_space("default") as conn:
        working = await conn.fetchval("SELECT current_user")
        await conn.execute("RESET ROLE")
        return working, await conn.fetchval("SELECT current_user")


async def test_a_password_for_the_owner_is_enough_for_both(password_server, opened):
    for _ in ("the first start", "the next one"):
        async with opened(password_server.url()) as database:
            await migrate(database)
            await save(database, [message("tea")])
            assert await session_of(database) == (ROLE, ROLE)
            assert database.logs_in_as_role
    log = (password_server.data_dir.parent / "log").read_text()
    assert log.count(f"ALTER ROLE {ROLE} LOGIN PASSWORD 'SCRAM-SHA-256$4096:") == 1
    assert "is not permitted to log in" not in log
    assert "authentication failed" not in log


async def test_both_kinds_of_connections_are_no_more_than_one_kind_was(password_server, opened):
    async with opened(password_server.url()) as database:
        await migrate(database)
        everyone_has_one = asyncio.Barrier(POOL_SIZE)

        async def borrow(lent):
            async with lent:
                await everyone_has_one.wait()

        lent = [database.in_space("default") for _ in range(5)]
        await asyncio.gather(*map(borrow, [*lent, *(database.across_spaces() for _ in range(3))]))
        counted = "SELECT usename, count(*) FROM pg_stat_activity WHERE datname = 'kept' GROUP BY 1"
        assert set(password_server.ask(counted).split()) == {"keeper|3", f"{ROLE}|5"}


async def test_a_role_of_the_former_release_is_let_in(password_server, opened):
    async with opened(password_server.url()) as database:
        await migrate(database)
    password_server.ask(f"ALTER ROLE {ROLE} NOLOGIN PASSWORD NULL")
    async with opened(password_server.url()) as database:
        assert await session_of(database) == (ROLE, ROLE)


async def test_a_new_password_of_the_owner_gives_the_role_a_new_one(password_server, opened):
    async with opened(password_server.url()) as database:
        await migrate(database)
        assert await session_of(database) == (ROLE, ROLE)
    password_server.ask("ALTER ROLE keeper PASSWORD 'another'")
    async with opened(password_server.url("another")) as database:
        assert await session_of(database) == (ROLE, ROLE)


@pytest.mark.parametrize("change", ["PASSWORD 'mine'", "SET local_preload_libraries = 'none_such'"])
async def test_the_role_cannot_shut_itself_out(password_server, opened, change):
    """A role may change its own password and settings: no way back to the owner's session."""
    async with opened(password_server.url()) as database:
        await migrate(database)
        async with database.in_space("default") as conn:
            await conn.execute(f"ALTER ROLE CURRENT_USER {change}")
        password_server.end_sessions()
        async with opened(password_server.url()) as another:
            assert await session_of(another) == (ROLE, ROLE)


async def test_a_process_that_logged_in_as_the_role_works_as_no_other(password_server, opened):
    async with opened(password_server.url()) as database:
        await migrate(database)
        assert await session_of(database) == (ROLE, ROLE)
        password_server.rule(f"host all {ROLE} 127.0.0.1/32 reject")
        password_server.end_sessions()
        for _ in range(2):
            with pytest.raises(StoreError):
                await session_of(database)
        async with database.across_spaces() as conn:
            assert await conn.fetchval("SELECT current_user") == "keeper"


async def test_a_role_that_lost_its_rights_leaves_no_session_to_the_owner(password_server, opened):
    """As after a restore: without rights in the schema it looked as if there were no role."""
    async with opened(password_server.url()) as database:
        await migrate(database)
        assert await session_of(database) == (ROLE, ROLE)
        password_server.ask(f"REVOKE USAGE ON SCHEMA sage FROM {ROLE}", "kept")
        async with database.across_spaces(), database.across_spaces():  # the second is a new one
            assert database.application_role is None
        async with database.in_space("default"):
            assert await session_of(database) == (ROLE, ROLE)


@pytest.mark.parametrize("refused", ["by its password", "by its rights"])
async def test_where_the_role_may_not_log_in_the_owner_becomes_it(
    password_server, opened, caplog, refused
):
    caplog.set_level("WARNING", "sage.store.connections.application_login")
    async with opened(password_server.url()) as database:
        await migrate(database)
    if refused == "by its password":
        password_server.rule(f"host all {ROLE} 127.0.0.1/32 reject")
    else:
        password_server.ask(f"GRANT pg_read_all_settings TO {ROLE}")
    async with opened(password_server.url()) as database:
        await migrate(database)
        await save(database, [message("tea")])
        for _ in range(2):
            assert await session_of(database) == (ROLE, "keeper")
        assert not database.logs_in_as_role
    assert sum(WARNING in record.getMessage() for record in caplog.records) == 1


@asynccontextmanager
async def kerberos_for_the_role(port):
    """Pass connections on to a server, but ask the role to log in by Kerberos."""

    async def serve(reader, writer):
        size = await reader.readexactly(4)
        begin = size + await reader.readexactly(int.from_bytes(size) - 4)
        if ROLE.encode() in begin:
            writer.write(b"R" + struct.pack(">ii", 8, 7))
            await pump(reader, writer)
            return
        answers, onward = await asyncio.open_connection("127.0.0.1", port)
        onward.write(begin)
        await asyncio.gather(pump(reader, onward), pump(answers, writer))

    async def pump(source, target):
        with suppress(ConnectionError):
            while data := await source.read(65536):
                target.write(data)
        target.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as relay:
        yield relay.sockets[0].getsockname()[1]


async def test_where_the_driver_cannot_log_in_as_the_role_the_owner_becomes_it(
    password_server, opened
):
    async with kerberos_for_the_role(password_server.port) as port:
        url = password_server.url().replace(str(password_server.port), str(port))
        async with opened(f"{url}?sslmode=disable") as database:
            await migrate(database)
            assert await session_of(database) == (ROLE, "keeper")


async def test_an_owner_who_may_not_change_the_role_becomes_it(plain_owner, opened):
    dsn, admin = plain_owner
    owner = urlsplit(dsn).username
    await admin.execute(f"CREATE ROLE sage_app_of_{owner}; GRANT sage_app_of_{owner} TO {owner}")
    async with opened(dsn) as database:
        await migrate(database)
        assert await session_of(database) == (f"sage_app_of_{owner}", owner)
    await admin.execute(f"ALTER ROLE {owner} CREATEROLE")
    await admin.execute(f"GRANT sage_app_of_{owner} TO {owner} WITH ADMIN OPTION")
    async with opened(dsn) as database:
        assert await session_of(database) == (f"sage_app_of_{owner}",) * 2


@pytest.mark.parametrize("way", ["unknown", "refused", "forced"])
async def test_behind_a_pooler_that_lets_only_the_owner_in_all_is_as_before(
    password_server, opened, way
):
    users = password_server.data_dir.parent / "users"
    users.write_text(f'"keeper" "{PASSWORD}"\n')
    users.chmod(0o644)
    settings = {"auth_file": users, "auth_type": "scram-sha-256", "auth_user": "", "auth_query": ""}
    login = ""
    if way == "refused":  # it asks no password, and then has none
        settings = {}
        password_server.ask("ALTER ROLE keeper PASSWORD NULL")
        password_server.rule("host all keeper 127.0.0.1/32 trust")
    elif way == "forced":  # each login becomes a session of the owner
        settings["auth_type"] = "any"
        login = f" user=keeper password='{PASSWORD.replace(chr(39), 2 * chr(39))}'"
    with pgbouncer(password_server.dsn("kept"), login=login, **settings) as through:
        dsn = password_server.url().replace(str(password_server.port), str(urlsplit(through).port))
        async with opened(dsn) as database:
            await migrate(database)
            for number in range(8):
                await save(database, [message(f"tea {number}")])
            assert await session_of(database) == (ROLE, "keeper")


async def test_the_embedded_server_lets_the_role_in_without_a_password(fresh, opened):
    dsn = await asyncio.to_thread(fresh.start)
    async with opened(dsn) as database:
        await migrate(database)
        assert await session_of(database) == ("sage_app_of_sage", "sage_app_of_sage")
    kept = "SELECT rolpassword FROM pg_authid WHERE rolname = 'sage_app_of_sage'"
    assert ask(dsn, kept) == ""


async def test_what_is_kept_of_a_password_lets_in_who_knows_it(password_server):
    verifier = scram_verifier("secret")
    password_server.ask(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{verifier}'")
    url = f"postgresql://{ROLE}:secret@127.0.0.1:{password_server.port}/kept"
    await (await asyncpg.connect(url)).close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url.replace("secret", "another"))

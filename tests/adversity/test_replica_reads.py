"""Searches read from a replica, find what was saved before them, and survive its loss."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import shutil
import signal
import tempfile
from pathlib import Path

import httpx
import pytest

from sage.access.accounts.tokens import create_token, revoke_token
from sage.cli.main import main
from sage.config.settings import DatabaseSettings
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from sage.store.connections.row_security import COMMIT
from tests.support.polling import wait_for
from tests.support.postgres import FAST_AND_LOOSE
from tests.support.replication import replicated
from tests.support.serving import serving, settings_for

LATE = {"recovery_min_apply_delay": "100ms"}
# What a replica was asked last in a search is to end its transaction.
JUST_SEARCHED = f"""
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'sage' AND (query LIKE '-- search_%' OR query = '{COMMIT}')
        AND query_start > clock_timestamp() - interval '2 seconds'
"""
HELD = "SELECT count(*) FROM sage.memories WHERE content LIKE '%{}%'"


@pytest.fixture(scope="module")
def servers():
    """Run a primary and a replica that replays each commit 0.1 s late."""
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    try:
        with replicated(directory, synchronous=False, settings=FAST_AND_LOOSE | LATE) as pair:
            yield pair
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def client(servers, tmp_path_factory):
    """Serve Sage on the primary, with the replica for its searches."""
    primary, replica = servers
    settings = settings_for(primary.dsn(), tmp_path_factory.mktemp("data"))
    database = DatabaseSettings(dsn=primary.dsn(), read_dsn=replica.dsn())
    settings = settings.model_copy(update={"database": database})
    with serving(settings) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield http


def save(client):
    """Save a message with a word of its own, and give the word."""
    word = f"heron{secrets.token_hex(6)}"
    body = {"user_prompt": f"the {word} nests", "assistant_response": "by the mill"}
    client.post("/api/v1/conversations", json=body).raise_for_status()
    return word


def finds(client, word, path="search", part="results"):
    answer = client.post(f"/api/v1/{path}", json={"query": word}).raise_for_status()
    return word in str(answer.json()[part])


def replica_check(client):
    return client.get("/health/detailed").json()["checks"]["replica"]


def figure(client, name):
    """Scrape one figure of the replica; None where it is not told."""
    told = re.search(rf"^sage_replica_{name} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return None if told is None else float(told[1])


def reads(client, replica):
    """Search, and say whether the replica has just answered."""
    assert finds(client, save(client))
    return replica.ask(JUST_SEARCHED) != "0"


def test_what_was_saved_is_found_at_once_though_the_replica_is_late(client, servers):
    _, replica = servers
    for _ in range(20):
        word = save(client)
        assert finds(client, word)
        assert finds(client, word, "context", "context")
    wait_for(lambda: reads(client, replica))


async def test_a_token_that_has_just_ended_finds_nothing_in_a_late_replica(client, servers):
    primary, replica = servers
    database = await open_database(primary.dsn())
    async with database.across_spaces() as conn:
        for name in map(str, range(10)):
            token = await create_token(conn, {"default": SpaceRole.READER}, name=name)
            asked = {"json": {"query": "heron"}, "headers": {"authorization": f"Bearer {token}"}}
            found = [await asyncio.to_thread(client.post, "/api/v1/search", **asked) for _ in "123"]
            assert [answer.status_code for answer in found] == [200] * 3
            await revoke_token(conn, name)
            refused = await asyncio.to_thread(client.post, "/api/v1/search", **asked)
            assert refused.status_code == 401
    await database.close()
    assert reads(client, replica)  # it was not given up for that


def test_a_replica_that_stops_replaying_is_not_read_and_its_lag_is_told(client, servers):
    _, replica = servers
    wait_for(lambda: reads(client, replica))
    replica.pause()
    try:
        word = save(client)
        assert finds(client, word)
        assert replica.ask(HELD.format(word)) == "0"
        assert "bytes behind" in replica_check(client)["detail"]
        assert figure(client, "up") == 1
        assert figure(client, "lag_bytes") > 0
        assert figure(client, "lag_seconds") > 0
    finally:
        replica.resume()
    wait_for(lambda: reads(client, replica))
    wait_for(lambda: replica_check(client)["status"] == "healthy")
    wait_for(lambda: (figure(client, "lag_bytes"), figure(client, "lag_seconds")) == (0, 0))


def test_no_search_fails_when_the_replica_is_killed_or_hangs_and_it_is_used_again(client, servers):
    _, replica = servers
    for harm, mend in (
        (lambda: replica.stop(signal.SIGKILL), replica.start),
        (
            lambda: replica.send_to_all(signal.SIGSTOP),
            lambda: replica.send_to_all(signal.SIGCONT),
        ),
    ):
        wait_for(lambda: reads(client, replica))
        words = [save(client) for _ in range(3)]
        harm()
        try:
            assert all(finds(client, word) for word in words)
            health = client.get("/health").json()
            assert (health["status"], health["database"]) == ("degraded", "healthy")
            assert client.get("/health/readiness").is_success
            assert (figure(client, "up"), figure(client, "lag_bytes")) == (0, None)
        finally:
            mend()
    wait_for(lambda: reads(client, replica))
    wait_for(lambda: figure(client, "up") == 1)


def test_doctor_names_a_standby_and_finds_the_primary_among_hosts(
    servers, tmp_path, monkeypatch, capsys
):
    primary, replica = servers
    hosts = ",".join(f"127.0.0.1:{one.port}" for one in (replica, primary))
    for dsn, status in (
        (replica.dsn(), "failed"),
        (f"postgresql://postgres@{hosts}/postgres", "ok"),
    ):
        monkeypatch.setenv("DATABASE_URL", dsn)
        main(["--data-dir", str(tmp_path), "doctor", "--database", "--json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        (found,) = (one for one in checks if one["name"] == "writable")
        assert found["status"] == status, found
        assert ("standby" in found["detail"]) is (status == "failed")

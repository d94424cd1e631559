"""An erasure that a process left unfinished is finished by a Sage that runs, and by one only."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest

from sage.operations.background_erasures import BackgroundErasures
from sage.service.erasure.target import ErasureTarget
from sage.store.connections.pool import open_database
from tests.architecture.sources import INSTALLED
from tests.support.backups import ask
from tests.support.memory_locks import locked_memories
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

BEGIN = "INSERT INTO sage.erasures (target, step, erased, digests) VALUES ($1, 0, '{}', '')"
BEGUN = "SELECT count(*) FROM sage.erasures WHERE step > 0"
IN_TEAM = "SELECT count(*) FROM sage.memories WHERE space_id = 'team'"
SPACE = "SELECT count(*) FROM sage.spaces WHERE name = 'team'"
LOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 73086048"


def test_a_killed_erasure_is_finished_by_the_next_sage(sage, filled, postgres_dsn, tmp_path):
    command = [sys.executable, "-m", "sage", "space", "erase", "team", "--yes"]
    with (
        locked_memories(postgres_dsn, "team"),
        subprocess.Popen(
            [*command, "--data-dir", tmp_path / "data"],
            env={**os.environ, "PYTHONPATH": str(INSTALLED)},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        ) as process,
    ):
        wait_for(lambda: ask(postgres_dsn, BEGUN)[0][0] > 0)
        other = sage("space", "erase", "team", "--yes")
        assert (other.code, "by another process" in other.err) == (1, True)
        process.send_signal(signal.SIGKILL)
    wait_for(lambda: ask(postgres_dsn, LOCKED) == [(0,)])
    data = tmp_path / "server"
    with serving(settings_for(postgres_dsn, data)):
        wait_for(lambda: ask(postgres_dsn, SPACE) == [(0,)])
        wait_for(lambda: [*(data / "receipts").glob("*.json")])
    (receipt,) = (data / "receipts").glob("*.json")
    assert json.loads(receipt.read_text())["rows"]["memories"] == len(filled["team"])
    surface = "SELECT surface FROM sage.audit WHERE action = 'end_erasure'"
    assert ask(postgres_dsn, surface) == [("process",)]


def test_a_space_keeps_its_name_until_its_erasure_has_ended(sage, filled, postgres_dsn):
    key = ErasureTarget("team").key
    ask(postgres_dsn, BEGIN, key)
    refused = sage("space", "rename", "team", "herons")
    assert (refused.code, "are being erased" in refused.err) == (1, True)
    assert len(filled["team"]) == int(ask(postgres_dsn, IN_TEAM)[0][0])
    assert sage("space", "erase", "team", "--yes").code == 0
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.erasures") == [(0,)]


@pytest.mark.usefixtures("filled")
def test_the_erasure_of_an_author_ends_with_the_space(sage, postgres_dsn, tmp_path):
    ask(postgres_dsn, BEGIN, ErasureTarget("team", author="anna").key)
    assert sage("space", "erase", "team", "--yes").code == 0
    with serving(settings_for(postgres_dsn, tmp_path / "server")):
        wait_for(lambda: ask(postgres_dsn, "SELECT FROM sage.erasures") == [])
    (receipt,) = (tmp_path / "server/receipts").glob("*.json")
    assert json.loads(receipt.read_text())["target"]["author"] == "anna"


def test_an_erasure_that_has_just_ended_is_not_begun_again(
    filled, postgres_dsn, tmp_path, monkeypatch
):
    """Another process ends it after this one has read that it is unfinished."""
    monkeypatch.setattr("sage.operations.background_erasures._CHECK_EVERY_S", 0.05)

    async def resume():
        database = await open_database(postgres_dsn)
        borrowed = 0

        async def end_meanwhile():
            nonlocal borrowed
            borrowed += 1
            if borrowed == 2:
                await asyncio.to_thread(ask, postgres_dsn, "DELETE FROM sage.erasures")

        settings = settings_for(postgres_dsn, tmp_path / "server")
        erasures = BackgroundErasures(database.waiting_for(end_meanwhile), settings)
        running = asyncio.create_task(erasures.run())
        while borrowed < 20:
            await asyncio.sleep(0.05)
        running.cancel()
        await erasures.close()
        await database.close()

    ask(postgres_dsn, BEGIN, ErasureTarget("default").key)
    asyncio.run(resume())
    kept = ask(postgres_dsn, "SELECT count(*) FROM sage.memories WHERE space_id = 'default'")
    assert kept == [(len(filled["default"]),)]


@pytest.mark.usefixtures("filled")
def test_an_erasure_that_crashes_is_logged_with_its_traceback(
    postgres_dsn, tmp_path, monkeypatch, caplog
):
    async def crashing(*_, **__):
        raise ZeroDivisionError

    async def resume():
        database = await open_database(postgres_dsn)
        settings = settings_for(postgres_dsn, tmp_path / "server")
        running = asyncio.create_task(BackgroundErasures(database, settings).run())
        while "erasure_interrupted" not in caplog.text:
            await asyncio.sleep(0.05)
        running.cancel()
        await database.close()

    monkeypatch.setattr("sage.operations.background_erasures.erase_target", crashing)
    ask(postgres_dsn, BEGIN, ErasureTarget("team").key)
    asyncio.run(resume())
    assert "Traceback" in caplog.text

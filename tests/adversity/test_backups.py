"""kill -9 while a backup is made or restored: the old state is left, or the new one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.local.postgres import EmbeddedPostgres
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from tests.architecture.sources import INSTALLED
from tests.store.corpus import fill
from tests.support.embedded_lab import DEADLINE_S, ROOT, clean_environment
from tests.support.forked import Verb
from tests.support.polling import wait_for
from tests.support.postgres import ask

ROWS = 3_000
KILLS = 8
PATIENCE_S = 240
DIGEST = (
    "SELECT count(*) || md5(string_agg(m::text, '' ORDER BY memory_id)) FROM sage.memories AS m"
)


def sage(data_dir, *argv):
    """Start the command line on a data directory, with children of its own."""
    return Verb(
        [*map(str, argv), "--data-dir", str(data_dir)],
        cwd=data_dir.parent,
        env={**clean_environment(), "PYTHONPATH": str(INSTALLED), "HOME": str(data_dir.parent)},
    )


def kill_after(verb, delay_s):
    """Kill -9 it unless it ends before; the programs it started are left to themselves."""
    process = verb.process
    with suppress(subprocess.TimeoutExpired):
        process.wait(delay_s)
        return False
    process.kill()
    process.wait(DEADLINE_S)
    return True


@pytest.fixture
def filled(embedded):
    """Keep memories in an embedded database that goes on running; give its DSN."""
    dsn = embedded.start()

    async def work():
        database = await open_database(dsn)
        await migrate(database)
        await database.close()
        await fill(dsn, EmbeddingModel("test", "made up", 96), {"default": ROWS})

    asyncio.run(work())
    return dsn


def finish(verb):
    code, out, err = verb.finish(PATIENCE_S)
    assert code == 0, err
    return out


@pytest.mark.timeout(600)
def test_a_backup_killed_at_any_moment_leaves_the_earlier_ones_and_no_half_one(
    filled, data_dir, workspace
):
    folder = workspace / "backups"
    verb = sage(data_dir, "backup", "--to", folder, "--json")
    began = time.monotonic()
    made = json.loads(finish(verb))
    first = Path(made["file"])
    whole_s = time.monotonic() - began
    content = first.read_bytes()
    killed = 0
    for number in range(KILLS):
        verb = sage(data_dir, "backup", "--to", folder)
        killed += kill_after(verb, whole_s * (number + 1) / (KILLS + 1))
        verb.finish(PATIENCE_S)
    assert killed >= KILLS // 2
    assert first.read_bytes() == content
    for path in folder.glob("sage-*.backup"):
        assert "valid" in finish(sage(data_dir, "restore", path, "--check"))
    finish(sage(data_dir, "backup", "--to", folder))
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    assert ask(filled, "SELECT count(*) FROM sage.memories") == str(ROWS)


@pytest.mark.timeout(600)
def test_a_restore_killed_at_any_moment_leaves_the_old_data_or_the_new(filled, data_dir, workspace):
    file = workspace / "x.backup"
    finish(sage(data_dir, "backup", file))
    new = ask(filled, DIGEST)
    ask(filled, "UPDATE sage.memories SET content = 'changed' WHERE role = 'user'")
    old = ask(filled, DIGEST)
    seen = set()
    whole_s = 1.0
    for number in range(KILLS):
        verb = sage(data_dir, "restore", file, "--replace")
        began = time.monotonic()
        if not kill_after(verb, whole_s * (number + 1) / KILLS):
            whole_s = time.monotonic() - began
        elif number == 0:
            whole_s = 6.0
        verb.finish(PATIENCE_S)
        found = ask(filled, DIGEST)
        assert found in {old, new}
        seen.add(found)
    assert old in seen
    finish(sage(data_dir, "restore", file, "--replace"))
    assert ask(filled, DIGEST) == new


@pytest.mark.timeout(600)
@pytest.mark.parametrize("whose", ["pg_restore", "pg_dump"])
def test_a_tool_that_is_killed_fails_the_work_and_changes_nothing(
    filled, data_dir, workspace, whose
):
    file = workspace / "x.backup"
    finish(sage(data_dir, "backup", file))
    before = ask(filled, DIGEST)
    argv = (
        ("backup", workspace / "y.backup") if whose == "pg_dump" else ("restore", file, "--replace")
    )
    verb = sage(data_dir, *argv)
    process = verb.process
    deadline = time.monotonic() + DEADLINE_S
    while process.poll() is None and not (tools := tools_of(process, whose)):
        assert time.monotonic() < deadline
    assert process.poll() is None, verb.finish(PATIENCE_S)[2]
    for tool in tools:
        os.kill(tool.pid, signal.SIGKILL)
    code, _, err = verb.finish(PATIENCE_S)
    assert code == 1
    assert f"{whose} failed with exit code -9" in err
    assert not (workspace / "y.backup").exists()
    assert ask(filled, DIGEST) == before


def tools_of(process, name):
    """Return the children of a process that work on rows: those asked for their list are none."""
    with suppress(psutil.Error):
        return [
            child
            for child in psutil.Process(process.pid).children()
            if child.name() == name
            and (command := child.cmdline())  # none: it has ended, and is not reaped
            and not {"--list", "--schema-only", "--version"} & set(command)
        ]
    return []


def test_a_backup_is_of_one_moment_while_others_save(filled, data_dir, workspace):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, filled], env={**clean_environment(), "PYTHONPATH": str(ROOT)}
    )
    try:
        wait_for(lambda: ask(filled, WRITTEN) != [(0,)])
        file = workspace / "x.backup"
        told = json.loads(finish(sage(data_dir, "backup", file, "--json")))
    finally:
        writer.kill()
        writer.wait()
    other = workspace / "other"
    EmbeddedPostgres(other)
    restored = json.loads(finish(sage(other, "restore", file, "--json")))
    assert restored["tables"] == told["tables"]
    assert restored["tables"]["sessions"] > ROWS // 20


WRITTEN = "SELECT count(*) FROM sage.sessions WHERE space_id = 'w'"
WRITER = """
import asyncio, sys, asyncpg

async def main():
    conn = await asyncpg.connect(sys.argv[1])
    for number in range(1_000_000):
        await conn.execute(
            "INSERT INTO sage.sessions (space_id, session_id) VALUES ('w', $1)", str(number)
        )

asyncio.run(main())
"""

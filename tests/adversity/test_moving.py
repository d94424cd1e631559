"""A move to another database that is killed again and again while clients save and delete."""

from __future__ import annotations

import asyncio
import json
import random
import time

import asyncpg
import pytest

from sage.cli.main import main
from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.forked import Forked
from tests.support.process import environment
from tests.support.serving import serving, settings_for
from tests.support.writers import Writers

KILLS = ((None, 1.5), ("copying", 1.0), ("switching", 0.1))
"""How far the move is that is killed, and within how many seconds from then."""


async def _reaches(dsn, state, process):
    """Wait until the source of a move says that it is so far, or the move has ended."""
    conn = await asyncpg.connect(dsn)
    try:
        while process.poll() is None:
            if await conn.fetchval("SELECT to_regclass('sage.moving')") and (
                await conn.fetchval("SELECT state FROM sage.moving") == state
            ):
                return
            await asyncio.sleep(0.005)
    finally:
        await conn.close()


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_by_a_move_that_is_killed(
    postgres_dsn, empty_postgres_dsn, tmp_path, capfd
):
    fill_spaces(postgres_dsn)
    command = ["move", "--from", postgres_dsn, "--to", empty_postgres_dsn, "--yes", "--json"]
    with serving(settings_for(postgres_dsn, tmp_path / "serving")) as url:
        writers = Writers(url)
        with writers.running(2), (tmp_path / "told").open("wb+") as told:
            for state, within_s in KILLS:
                process = Forked(
                    [*command, "--data-dir", str(tmp_path / "data")],
                    cwd=tmp_path,
                    env=environment(tmp_path / "data", 1),
                    streams=(told, told, told),
                )
                if state:
                    asyncio.run(_reaches(postgres_dsn, state, process))
                time.sleep(random.uniform(0.0, within_s))
                process.kill()
                process.wait()
            capfd.readouterr()
            code = main([*command, "--data-dir", str(tmp_path / "data")])
            out, err = capfd.readouterr()
            if code:
                assert "already moved" in err
            else:
                assert json.loads(out)["paused_s"] is None or json.loads(out)["paused_s"] < 30
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(postgres_dsn, EVERYTHING)
    kept = {str(row[1]): row[9] for row in ask(empty_postgres_dsn, EVERYTHING)}
    assert writers.saved <= kept.keys()
    assert all(kept[one] is not None for one in writers.forgotten)

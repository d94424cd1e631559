"""Saves are timed while the load is active that the result names."""

from __future__ import annotations

import asyncpg
import pytest
from pydantic import SecretStr

from benchmarks.load import LOADS, saves_under_load
from sage.config.settings import DatabaseSettings, Settings
from tests.support.saving import message, save

KEPT = 60


@pytest.mark.timeout(300)
async def test_each_load_is_active_while_its_saves_are_timed(
    postgres_dsn, database, monkeypatch, tmp_path
):
    seen = {load: set() for load in LOADS}
    await save(database, [message() for _ in range(KEPT)])
    watcher = await asyncpg.connect(postgres_dsn)

    async def watched(call, number):
        """Record the length of the queue, which no worker empties; return times from numbers."""
        waiting = await watcher.fetchval("SELECT count(*) FROM sage.embedding_queue")
        others = call is not ours
        seen["provider_down" if others else "queue_waits" if waiting else "alone"].add(waiting)
        await call(number)
        return 2.0 if others else 1.0

    async def ours(_number):
        pass

    monkeypatch.setattr("benchmarks.load.timed", watched)
    settings = Settings(data_dir=tmp_path, database=DatabaseSettings(dsn=SecretStr(postgres_dsn)))
    ticks = []
    measured = await saves_under_load(
        settings, database, ours, calls=11, first=0, progress=ticks.append
    )
    await watcher.close()
    assert tuple(measured) == LOADS
    assert seen == {"alone": {0}, "provider_down": {0}, "queue_waits": {KEPT}}
    assert {load: one.call.calls for load, one in measured.items()} == dict.fromkeys(LOADS, 11)
    assert measured["provider_down"].p50_ratio == 2
    assert sum(ticks) == 11 * len(LOADS)

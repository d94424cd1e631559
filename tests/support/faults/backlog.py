"""Saves beside a long queue: a provider that was away for a day left it behind."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx

from tests.support import plain_http
from tests.support.faults.caller import SAVE
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER, faulty_provider
from tests.support.polling import wait_for
from tests.support.postgres import ask

if TYPE_CHECKING:
    from pathlib import Path

_ROUNDS, _MAX_ROUNDS = 4, 16
_ENOUGH = 1.5
"""Of the ratio: from there on, no more rounds are made."""
_BREAKER_S = 120.0
_DRAINED = 500
_AGE_METRIC = "sage_queue_oldest_age_seconds "
_EMBEDDED = "SELECT count(*) FROM sage.embeddings"
_FILL = """
    INSERT INTO sage.sessions (space_id, session_id)
    SELECT 'default', 'old ' || number FROM generate_series(1, {waiting} / 100) AS number;
    WITH kept AS (
        INSERT INTO sage.memories
            (space_id, memory_id, session_id, role, content, created_at, lexemes, metadata)
        SELECT 'default', gen_random_uuid(), 'old ' || 1 + number % ({waiting} / 100), 'user',
            'old errand ' || number, now() - interval '1 day', '''errand''', '{{}}'
        FROM generate_series(1, {waiting}) AS number
        RETURNING space_id, memory_id
    )
    INSERT INTO sage.embedding_queue (space_id, memory_id, enqueued_at)
    SELECT space_id, memory_id, now() - interval '1 day' FROM kept;
    ANALYZE
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How saves fare beside a queue of `waiting` rows, and beside an empty one."""

    waiting: int
    empty_p95_ms: float
    beside_p95_ms: float
    oldest_age_s: float
    """As Sage reports it; the rows are a day old."""
    drained_per_s: float
    acknowledged: int

    @property
    def ratio(self) -> float:
        """How many times as long a save takes."""
        return self.beside_p95_ms / self.empty_p95_ms


def save_beside_backlog(
    dsns: tuple[str, str], directory: Path, *, waiting: int, saves: int
) -> Backlog:
    """Time saves into two databases in turns, one with `waiting` rows in its queue; then drain it.

    The best rounds count: other work on the machine only adds to the times. There are more of them
    while the ratio is high, which makes the best of both better, and of what is slow not enough.
    """
    folders = [directory / "empty", directory / "beside"]
    for folder in folders:
        folder.mkdir(parents=True)
    with (
        faulty_provider(directory) as around,
        running_sage(folders[0], **NO_PROVIDER, DATABASE_URL=dsns[0]) as empty,
        running_sage(folders[1], **around.environment, DATABASE_URL=dsns[1]) as beside,
    ):
        around.change("overloaded")
        ask(dsns[1], _FILL.format(waiting=waiting))
        best: tuple[list[float], list[float]] = ([], [])
        while len(best[0]) < _ROUNDS or (
            len(best[0]) < _MAX_ROUNDS and min(best[1]) > _ENOUGH * min(best[0])
        ):
            for times, sage in zip(best, (empty, beside), strict=True):
                times.append(_p95_ms(sage.url, saves // _ROUNDS))
        age_s = _oldest_age_s(beside.url)
        around.change("none")
        drained_per_s = _drain(dsns[1])
    return Backlog(
        waiting,
        min(best[0]),
        min(best[1]),
        age_s,
        drained_per_s,
        (len(best[0]) + len(best[1])) * (saves // _ROUNDS),
    )


def _p95_ms(url: str, saves: int) -> float:
    times = []
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        for _ in range(saves):
            body = {"user_prompt": str(uuid.uuid4()), "assistant_response": "noted"}
            began = time.perf_counter()
            client.post(SAVE, json=body).raise_for_status()
            times.append(1000 * (time.perf_counter() - began))
    return quantiles(times, n=20)[-1]


def _oldest_age_s(url: str) -> float:
    metrics = plain_http.get(f"{url}/metrics", timeout=30).raise_for_status().text
    (age,) = (line.split()[1] for line in metrics.splitlines() if line.startswith(_AGE_METRIC))
    return float(age)


def _drain(dsn: str) -> float:
    """Return how many messages a second get their vectors when the provider is back."""
    wait_for(lambda: int(ask(dsn, _EMBEDDED)) > 0, _BREAKER_S)
    began, before = time.monotonic(), int(ask(dsn, _EMBEDDED))
    wait_for(lambda: int(ask(dsn, _EMBEDDED)) >= before + _DRAINED, _BREAKER_S)
    return (int(ask(dsn, _EMBEDDED)) - before) / (time.monotonic() - began)

"""Measure moves between databases while clients save and forget.

Both databases are compared with statements that `sage move` does not use.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from benchmarks.backup import fill_database
from sage.cli.benchmark.sandbox import dsn_of
from sage.errors import MoveError
from tests.support import citus
from tests.support.engines import MissingEngineError, engine
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.writers import Writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sage.config.settings import Settings

CITUS = "citus"
_DIGEST = "coalesce(sum(('x' || left(md5({row}::text), 16))::bit(64)::bigint), 0)::text"
_MEMORIES = (
    "ROW(space_id, memory_id, session_id, role, content, extract(epoch FROM created_at),"
    " extract(epoch FROM forgotten_at), metadata, lexemes)"
)
_VECTORS = "ROW(space_id, memory_id, model_id, chunk, embedding)"
_CHECKSUMS = tuple(
    f"SELECT count(*), {_DIGEST.format(row=row)} FROM sage.{table}"  # noqa: S608 - of constants
    for table, row in (("memories", _MEMORIES), ("embeddings", _VECTORS))
)
_ASKED = """
SELECT space_id, memory_id, model_id, embedding::text AS vector, tsvector_to_array(lexemes) AS words
FROM sage.memories JOIN sage.embeddings USING (space_id, memory_id)
WHERE forgotten_at IS NULL AND chunk = 0
ORDER BY md5(memory_id::text)
LIMIT $1
"""
_BY_WORDS = """
SELECT memory_id FROM sage.memories
WHERE space_id = $1 AND forgotten_at IS NULL AND lexemes @@ $2::text::tsquery
ORDER BY ts_rank(lexemes, $2::text::tsquery) DESC, memory_id
LIMIT 10
"""
_BY_MEANING = """
SELECT memory_id FROM sage.embeddings
WHERE space_id = $1 AND model_id = $2
ORDER BY sage.vector_distance(embedding, $3::text::halfvec), memory_id, chunk
LIMIT 10
"""
_DISCONNECT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_STATE = "SELECT memory_id::text, forgotten_at FROM sage.memories WHERE memory_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class MoveMeasured:
    """One move: its duration and that of refused writes, in seconds, and the comparison.

    `lost` counts the writes, acknowledged in this move or before, that are missing or undone.
    `equal` counts the checksums, of memories and of vectors, that are the same in both databases.
    If a database is not available, `skipped` is the reason, and nothing was measured.
    """

    source: str
    target: str
    skipped: str = ""
    took_s: float = 0.0
    paused_s: float = 0.0
    rows: int = 0
    rows_in_pause: int = 0
    acknowledged: int = 0
    lost: int = 0
    equal: int = 0
    checksums: int = len(_CHECKSUMS)
    answers: int = 0
    equal_answers: int = 0


class Load(NamedTuple):
    """The number of memories at first, of writing clients, and of questions to compare."""

    memories: int
    clients: int
    questions: int


class _Station(NamedTuple):
    name: str
    dsn: str


async def measure_moves(
    settings: Settings, load: Load, through: Sequence[str], progress: Callable[[int], None]
) -> list[MoveMeasured]:
    """Move generated memories through databases, and back to the first.

    `through` contains names of engines, or `citus`. `settings` must name an empty database (see
    `sandbox`). `progress` is called with the number of memories generated and moves, at most
    `load.memories + len(through) + 1` in total. Raises SageError.
    """
    await fill_database(settings, load.memories, progress)
    return await asyncio.to_thread(_measure, settings, load, through, progress)


def _measure(
    settings: Settings, load: Load, through: Sequence[str], progress: Callable[[int], None]
) -> list[MoveMeasured]:
    found: list[MoveMeasured] = []
    saved: set[str] = set()
    forgotten: set[str] = set()
    home = here = _Station("initial PostgreSQL", dsn_of(settings))
    with ExitStack() as stack:
        stops: list[_Station] = []
        for name in through:
            try:
                stops.append(stack.enter_context(_station(name)))
            except MissingEngineError as missing:
                found.append(MoveMeasured("", name, skipped=str(missing)))
        for there in (*stops, *([home] if stops else ())):
            with running_sage(settings.data_dir, DATABASE_URL=here.dsn, **NO_PROVIDER) as sage:
                writers = Writers(sage.url)
                with writers.running(load.clients):
                    report = _move(settings.data_dir, here, there, replace=there is home)
            saved |= writers.saved
            forgotten |= writers.forgotten
            equal, answers, lost = asyncio.run(
                _compare(here.dsn, there.dsn, load.questions, saved, forgotten)
            )
            found.append(
                MoveMeasured(
                    here.name,
                    there.name,
                    took_s=report["took_s"],
                    paused_s=report["paused_s"],
                    rows=int(report["rows_compared"]),
                    rows_in_pause=int(report["rows_in_pause"]),
                    acknowledged=len(writers.saved),
                    lost=lost,
                    equal=equal,
                    answers=len(answers),
                    equal_answers=sum(answers),
                )
            )
            progress(1)
            here = there
    return found


@contextmanager
def _station(name: str) -> Iterator[_Station]:
    """Run a server with an empty database. Raises MissingEngineError."""
    if name != CITUS:
        with engine(name) as cluster:
            yield _Station(f"PostgreSQL {cluster.ask('SHOW server_version')}", cluster.dsn())
        return
    if not os.environ.get(citus.VARIABLE):
        raise MissingEngineError(
            f"{citus.VARIABLE} does not name a PostgreSQL with Citus (see ci/lib/citus)"
        )
    with citus.citus_cluster() as nodes:
        asyncio.run(nodes.create("moved"))
        yield _Station(f"Citus, {len(nodes.workers)} workers", nodes.dsn("moved"))


def _move(folder: Path, source: _Station, target: _Station, *, replace: bool) -> dict[str, float]:
    """Run `sage move` in a separate process; return its report. Raises MoveError."""
    command = [sys.executable, "-m", "sage", "move", "--from", source.dsn, "--to", target.dsn]
    command += ["--yes", "--json", "--data-dir", str(folder), *(["--replace"] if replace else [])]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - Sage itself
    if done.returncode:
        raise MoveError("the move failed", detail=done.stderr, hint="see above")
    report: dict[str, float] = json.loads(done.stdout)
    return report


async def _compare(
    here: str, there: str, questions: int, saved: set[str], forgotten: set[str]
) -> tuple[int, list[bool], int]:
    """Return the number of equal checksums, which answers are equal, and the lost writes."""
    old, new = await asyncpg.connect(here), await asyncpg.connect(there)
    try:
        sums = [await old.fetchrow(one) == await new.fetchrow(one) for one in _CHECKSUMS]
        answers = [
            await old.fetch(statement, *args) == await new.fetch(statement, *args)
            for asked in await old.fetch(_ASKED, questions)
            for statement, *args in _searches(asked)
        ]
        stored = {one[0]: one[1] for one in await new.fetch(_STATE, list(saved))}
    finally:
        await old.fetch(_DISCONNECT)  # the last move replaces it; filling it left a connection
        await old.close()
        await new.close()
    lost = len(saved - stored.keys()) + sum(stored.get(one) is None for one in forgotten)
    return sum(sums), answers, lost


def _searches(asked: asyncpg.Record) -> tuple[tuple[str, ...], ...]:
    longest = sorted(asked["words"], key=lambda word: (-len(word), word))[:3]
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in longest)
    words = " | ".join(f"'{word}'" for word in quoted)
    space = asked["space_id"]
    return (_BY_WORDS, space, words), (_BY_MEANING, space, asked["model_id"], asked["vector"])

"""Measure `sage import`: how many messages a second, beside a bare COPY of the same rows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
import psutil

from benchmarks import corpus
from benchmarks.statements import QUERIES
from sage.cli.benchmark.sandbox import dsn_of
from sage.clients.transcripts.turns import memory_id
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.searching import Filters
from sage.errors import StartupError
from sage.retrieval.text.lexemes import query_of
from sage.store.connections.pool import open_database
from sage.store.search import lexical_candidates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sage.config.settings import Settings

ASKED = 20
_TURNS = 200
_HITS = 10
_LOOKED_EVERY_S = 0.02
_TIMEOUT_S = 900.0


@dataclass(frozen=True, slots=True)
class ImportMeasured:
    """How long one `sage import` took, start and end of the program included.

    `peak_bytes` is the most memory that it held, without its workers, `found` how many of `asked`
    messages their words find right afterwards, before any is embedded.
    """

    messages: int
    file_bytes: int
    seconds: float
    again_s: float
    copy_s: float
    peak_bytes: int
    asked: int
    found: int

    @property
    def per_second(self) -> int:
        """Return how many messages were imported in a second."""
        return round(self.messages / self.seconds)

    @property
    def ratio(self) -> float:
        """Return the speed as a part of that of a bare COPY."""
        return round(self.copy_s / self.seconds, 3)


async def measure_import(
    settings: Settings, messages: int, padding: int, progress: Callable[[int], None]
) -> ImportMeasured:
    """Import an export of ChatGPT with made-up messages by the program itself, twice.

    Every conversation has `padding` more characters that are not imported, as tool calls are in
    real ones. `settings` name an empty database: see `sandbox`. `progress` is told of messages
    written, imported and imported again. Raises StartupError where an import fails, StoreError.
    """
    file = settings.data_dir / "conversations.json"
    await asyncio.to_thread(write_export, file, messages, padding)
    progress(messages)
    seconds, peak_bytes = await asyncio.to_thread(_imported, settings, file)
    progress(messages)
    found = await _found(dsn_of(settings), messages)
    again_s, _ = await asyncio.to_thread(_imported, settings, file)
    progress(messages)
    copy_s = await _bare_copy(dsn_of(settings), settings.data_dir / "rows")
    return ImportMeasured(
        messages,
        file.stat().st_size,
        round(seconds, 2),
        round(again_s, 2),
        round(copy_s, 3),
        peak_bytes,
        ASKED,
        found,
    )


def write_export(path: Path, messages: int, padding: int = 0) -> None:
    """Write made-up messages as an export of ChatGPT, without holding them in memory."""
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, messages, _TURNS):
            file.write("," if start else "[")
            last = min(start + _TURNS, messages)
            mapping = {str(number): _node(number, start) for number in range(start, last)}
            mapping["tool"] = {"parent": None, "message": _message("tool", "x" * padding)}
            conversation = {"conversation_id": f"c{start}", "title": f"Talk {start}"}
            json.dump(
                conversation | {"current_node": str(last - 1), "mapping": mapping},
                file,
                ensure_ascii=False,
            )
        file.write("]")


def _node(number: int, start: int) -> dict[str, object]:
    said = corpus.memory(number)
    message = _message(said.role.value, said.content)
    message |= {"id": str(number), "create_time": corpus.told_at(number).timestamp()}
    return {"parent": str(number - 1) if number > start else None, "message": message}


def _message(role: str, text: str) -> dict[str, object]:
    return {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}}


def _imported(settings: Settings, file: Path) -> tuple[float, int]:
    """Return how long `sage import` took and the most memory that it held."""
    data_dir = settings.data_dir
    command = (sys.executable, "-m", "sage", "import", file, "--data-dir", data_dir)
    environment = os.environ | {"DATABASE_URL": dsn_of(settings)}
    peak_bytes = 0
    began = time.perf_counter()
    with (data_dir / "output").open("w+b") as output:
        process = psutil.Popen(command, env=environment, stdout=output, stderr=output)
        while process.poll() is None:
            with suppress(psutil.Error):  # it may have ended just now
                peak_bytes = max(peak_bytes, process.memory_info().rss)
            time.sleep(_LOOKED_EVERY_S)
        seconds = time.perf_counter() - began
        output.seek(0)
        told = output.read().decode(errors="replace")
    if process.returncode:
        raise StartupError(f"the import failed: {told.strip()}", hint="look at what it says")
    return seconds, peak_bytes


async def _found(dsn: str, messages: int) -> int:
    """Count the messages that their words find."""
    numbers = [number * messages // ASKED for number in range(ASKED)]
    database = await open_database(dsn, command_timeout_s=_TIMEOUT_S)
    found = 0
    try:
        async with database.in_space(DEFAULT_SPACE) as conn:
            for number in numbers:
                asked = query_of(corpus.memory(number).content).tsquery
                hits = await lexical_candidates(
                    conn,
                    space_id=DEFAULT_SPACE,
                    matching=asked,
                    ranking=asked,
                    filters=Filters(),
                    limit=_HITS,
                )
                found += memory_id("chatgpt", str(number)) in hits.memory_ids
    finally:
        await database.close()
    return found


async def _bare_copy(dsn: str, rows: Path) -> float:
    """Return how long a COPY of all memories takes into a table without indexes."""
    conn = await asyncpg.connect(dsn, command_timeout=_TIMEOUT_S)
    try:
        await conn.copy_from_query(QUERIES["read_rows"], output=rows, format="binary")
        await conn.execute(QUERIES["make_bare_table"])
        began = time.perf_counter()
        await conn.copy_to_table("bare_memories", source=rows, format="binary")
        return time.perf_counter() - began
    finally:
        await conn.close()

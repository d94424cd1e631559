"""An import that was killed in the middle is done again, and ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import psutil

from sage.clients.importing.sources import sources_at
from sage.transfer.importing.lexeme_workers import LexemeWorkers, SharedLexemeWorkers
from tests.support.postgres import ask
from tests.transfer.importing.sample_files import write

MESSAGES = 5_000
_DEADLINE_S = 90


def export(folder):
    """Write so many messages that an import takes several batches, and processes make lexemes."""

    def node(number):
        content = {"content_type": "text", "parts": [f"message {number} about tea"]}
        message = {"author": {"role": "user"}, "create_time": 1.7e9 + number, "content": content}
        parent = f"n{number - 1}" if number % 100 else None
        return {"parent": parent, "message": message | {"id": f"n{number}"}}

    conversations = [
        {
            "conversation_id": f"c{start}",
            "mapping": {f"n{number}": node(number) for number in range(start, start + 100)},
        }
        for start in range(0, MESSAGES, 100)
    ]
    return write(folder / "conversations.json", conversations)


def kept(dsn):
    return int(ask(dsn, "SELECT count(*) FROM sage.memories"))


def test_an_import_killed_in_the_middle_is_finished_by_another(sage, tmp_path, postgres_dsn):
    path = export(tmp_path)
    command = [sys.executable, "-m", "sage", "import", path, "--data-dir", tmp_path / "data"]
    first = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _DEADLINE_S
    while not kept(postgres_dsn):
        assert time.monotonic() < deadline
        assert first.poll() is None
    first.kill()
    first.wait()
    before = kept(postgres_dsn)
    assert before < MESSAGES
    answer = sage("import", path, "--json").answer
    assert answer["added"] + before == MESSAGES
    assert kept(postgres_dsn) == MESSAGES
    assert sage("import", path, "--json").answer["added"] == 0
    assert sage("import", "--undo", "last", "--json").answer["undone"] == answer["added"]
    assert kept(postgres_dsn) == before


def test_words_cut_elsewhere_are_those_cut_here(sage, tmp_path, postgres_dsn, monkeypatch):
    path = export(tmp_path)
    assert sage("import", path).code == 0
    words = "SELECT md5(string_agg(lexemes::text, ',' ORDER BY memory_id)) FROM sage.memories"
    elsewhere = ask(postgres_dsn, words)
    assert sage("import", "--undo", "last").code == 0
    monkeypatch.setattr("sage.transfer.importing.lexeme_workers._WORTH_MEMORIES", 10**9)
    assert sage("import", path).code == 0
    assert ask(postgres_dsn, words) == elsewhere


async def test_a_worker_that_dies_is_not_missed(tmp_path):
    (source,) = sources_at([export(tmp_path)]).sources
    memories = [*source.memories()][:1_000]
    async with LexemeWorkers(
        [sys.executable, "-c", "import sys; sys.stdin.buffer.read(9)"]
    ) as workers:
        arriving = await workers.add_lexemes(memories, datetime.now(UTC))
    assert [one.memory for one in arriving] == memories
    assert "'tea'" in arriving[0].lexemes


async def test_processes_for_the_imports_of_a_server_end_when_no_batch_comes(tmp_path, monkeypatch):
    monkeypatch.setattr("sage.transfer.importing.lexeme_workers._IDLE_S", 0.01)
    (source,) = sources_at([export(tmp_path)]).sources
    memories = [*source.memories()][:400]
    workers = SharedLexemeWorkers()

    there = {*psutil.Process().children()}

    def processes():
        return {*psutil.Process().children()} - there

    for _ in range(2):
        working = asyncio.gather(
            *(workers.add_lexemes(memories, datetime.now(UTC)) for _ in range(2))
        )
        while not processes():
            await asyncio.sleep(0.01)
        assert [[one.memory for one in batch] for batch in await working] == [memories, memories]
        while processes():
            await asyncio.sleep(0.01)
    await workers.close()

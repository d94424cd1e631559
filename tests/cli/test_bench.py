"""`sage bench` measures in a place of its own and leaves nothing behind."""

import asyncio
import json
import re
from pathlib import Path

import asyncpg
import psutil
import pytest

from sage.cli.benchmark.sandbox import sandbox
from sage.config.settings import Settings
from sage.local.data_dir.locks import FileLock
from sage.store.connections.pool import open_database
from sage.store.connections.temporary import temporary_database
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.serving import wait_until

ROOT = Path(__file__).parents[2]
CHINESE, MIXED = (ROOT / f"sage/cli/benchmark/data/{name}.json" for name in ("chinese", "mixed"))


@pytest.fixture
def bench(sage, monkeypatch, postgres_dsn):
    """Run `sage bench` with a database that holds nothing, and vectors that cost nothing."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    return lambda *argv: sage("bench", *argv)


def left_behind(dsn):
    """Count the memories of a database and the databases of benchmarks on its server."""

    async def count():
        conn = await asyncpg.connect(dsn)
        try:
            return await conn.fetchrow(
                "SELECT (SELECT count(*) FROM sage.memories), (SELECT count(*) FROM pg_database"
                " WHERE starts_with(datname, 'sage_bench_'))"
            )
        finally:
            await conn.close()

    return asyncio.run(count())


def test_quality_prints_a_row_a_category_and_leaves_nothing_behind(bench, postgres_dsn):
    outcome = bench("quality")
    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.out.splitlines() if " all " in line] == [
        "english",
        "chinese",
        "mixed",
    ]
    assert "cross-language" in outcome.out
    assert tuple(left_behind(postgres_dsn)) == (0, 0)


def test_quality_tells_machines_the_same(bench, tmp_path):
    to = tmp_path / "bench.json"
    outcome = bench("quality", "--no-names", "--merged", "--json", to, "--data", CHINESE, MIXED)
    assert outcome.code == 0, outcome.err
    report = json.loads(to.read_text())
    assert (report["names"], report["merged"]) == (False, True)
    assert [one["name"] for one in report["quality"]] == ["chinese", "mixed"]
    for one in report["quality"]:
        assert 0 < one["total"]["recall_at_5"] <= one["total"]["recall_at_10"] <= 1


def test_a_larger_context_holds_more_of_what_answers(bench, tmp_path):
    to = tmp_path / "bench.json"
    outcome = bench("quality", "--context", "--json", to, "--data", CHINESE)
    assert outcome.code == 0, outcome.err
    assert "8,000 tokens" in outcome.out
    for one in json.loads(to.read_text())["quality"]:
        small, middle, large = one["in_context"].values()
        assert 0 < small <= middle <= large <= 1


def test_a_file_that_cannot_be_read_is_wrong_usage(bench, tmp_path):
    outcome = bench("quality", "--data", tmp_path / "missing.json")
    assert outcome.code == 2
    assert "docs/benchmarks.md" in outcome.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"user": "Mei", "history": {}}]', 'record 1: "conversation" is missing'),
        ("tea", "it is not JSON"),
        ("[1]", "record 1: it has another structure"),
    ],
)
def test_a_file_of_another_format_is_told_apart_from_those_that_are_read(
    bench, tmp_path, text, reason
):
    file = tmp_path / "talks.json"
    file.write_text(text)
    outcome = bench("quality", "--data", file)
    assert outcome.code == 2
    assert f"{file} cannot be read: {reason}" in outcome.err
    assert "LoCoMo" in outcome.err


@pytest.mark.parametrize("text", ["{}", "[]"])
def test_a_file_without_questions_is_wrong_usage(bench, tmp_path, text):
    file = tmp_path / "talks.json"
    file.write_text(text)
    outcome = bench("quality", "--data", file)
    assert outcome.code == 2
    assert "contains no questions" in outcome.err


def test_a_report_is_an_option_of_the_benchmarks_and_not_of_their_parent(bench, tmp_path):
    assert not re.search(r"^ *(\[)?--json", bench("--help").out, re.MULTILINE)
    outcome = bench("--json", tmp_path / "bench.json")
    assert outcome.code == 2
    assert "--json" in outcome.err
    assert "bench.json" not in outcome.err
    assert not (tmp_path / "bench.json").exists()


@pytest.mark.parametrize("verb", ["quick", "quality"])
def test_a_report_that_cannot_be_written_is_refused_before_anything_is_measured(
    bench, monkeypatch, tmp_path, verb
):
    monkeypatch.setattr("sage.cli.benchmark.running.sandbox", None)
    for to in (tmp_path / "missing" / "x.json", tmp_path):
        outcome = bench(verb, "--json", to)
        assert outcome.code == 2
        assert "cannot be written" in outcome.err
        assert "fix:" in outcome.err


MEASURING = """
import asyncio
from pathlib import Path
from sage.config.settings import Settings
from sage.cli.benchmark.sandbox import sandbox
from sage.cli.benchmark.server import sage_server

async def measure():
    async with sandbox(Settings(data_dir=Path("unused"))) as place, sage_server(place) as server:
        print(server.pid, place.data_dir, flush=True)
        await asyncio.Event().wait()

asyncio.run(measure())
"""


@pytest.mark.timeout(300)
def test_nothing_is_left_of_a_benchmark_that_was_killed(launch, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = launch(interpreted=MEASURING)
    server, data_dir = process.stdout.readline().decode().split()
    folder = Path(data_dir)
    postmaster = (folder / "postgres/postmaster.pid").read_text().splitlines()[0]
    left = [
        *psutil.Process(process.pid).children(),
        *(psutil.Process(int(pid)) for pid in (server, postmaster)),
    ]
    assert folder.parent == tmp_path
    process.kill()
    process.wait()

    def runs(one):
        try:
            return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    wait_until(lambda: not any(map(runs, left)), "the end of what it started", deadline_s=180)
    wait_until(lambda: not folder.exists(), "the end of its folder")


def test_the_next_benchmark_clears_what_was_left(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, used, other = (tmp_path / name for name in ("sage-bench-1", "sage-bench-2", "else"))
    for folder in (left, used, other):
        folder.mkdir()
        (folder / "postgres.users").touch()
    lock = FileLock(used / "postgres.users")
    lock.share()
    asyncio.run(_enter(sandbox(Settings(data_dir=tmp_path))))
    lock.close()
    assert [folder.exists() for folder in (left, used, other)] == [False, True, True]


async def _enter(place):
    async with place:
        pass


def test_two_files_of_one_name_are_wrong_usage(bench, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talks.json").write_text("[]")
    outcome = bench("quality", "--data", tmp_path / "a/talks.json", tmp_path / "b/talks.json")
    assert outcome.code == 2


@pytest.mark.timeout(300)
def test_quick_shows_what_is_found_and_how_long_calls_take(
    sage, monkeypatch, postgres_dsn, tmp_path
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    to = tmp_path / "bench.json"
    outcome = sage("bench", "quick", "--json", to)
    assert outcome.code == 0, outcome.err
    report = json.loads(to.read_text())
    assert [one["name"] for one in report["quality"]] == ["english", "chinese", "mixed"]
    assert set(report["latency"]) == {"save", "search", "context", "health"}
    for one in report["latency"].values():
        assert 0 < one["best_ms"] <= one["p50_ms"] <= one["p95_ms"]
    assert "recall@5" in outcome.out
    assert "p95 ms" in outcome.out


ABANDONING = """
import asyncio, sys
from sage.store.connections.pool import open_database
from sage.store.connections.temporary import temporary_database

async def hold(dsn):
    async with temporary_database(dsn):
        print("made", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold(sys.argv[1]))
"""


def test_the_next_benchmark_drops_a_database_whose_maker_was_killed_and_no_other(
    bench, launch, postgres_dsn
):
    living, killed = (launch(postgres_dsn, interpreted=ABANDONING) for _ in range(2))
    for one in (living, killed):
        assert one.stdout.readline() == b"made\n"
    killed.kill()
    killed.wait()
    assert bench("quality", "--json", "--data", MIXED).code == 0
    assert left_behind(postgres_dsn)[1] == 1
    living.terminate()
    living.wait()


async def test_no_benchmark_drops_a_database_that_another_has_just_made(postgres_dsn, monkeypatch):
    async def open_late(dsn, **options):
        if "/sage_bench_" in dsn:
            monkeypatch.undo()
            async with temporary_database(postgres_dsn):
                pass
        return await open_database(dsn, **options)

    monkeypatch.setattr("sage.store.connections.temporary.open_database", open_late)
    async with temporary_database(postgres_dsn) as dsn:
        await (await asyncpg.connect(dsn)).close()

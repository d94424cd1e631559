import json
import os
import re
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.architecture.sources import ROOT
from tests.support.homes_with_transcripts import write_transcripts
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import FAST_AND_LOOSE, Cluster

NAMES = [
    "config", "data dir", "disk", "database", "pgvector", "schema", "spaces", "vectors", "queue",
    "connections", "durability", "damage", "backup", "provider", "model", "reranker", "summary",
    "port",
]  # fmt: skip


@pytest.fixture
def examined(kept, monkeypatch, free_port):
    """Run doctor where all is well, on a port that is free."""
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port))
    kept("migrate", "up")

    def run(*argv):
        return kept("doctor", *argv)

    return run


def checks_of(outcome):
    return {check["name"]: check for check in json.loads(outcome.out)["checks"]}


def test_a_healthy_installation_passes_every_check(examined):
    outcome = examined()
    assert outcome.code == 0, outcome.out
    lines = outcome.out.splitlines()
    assert [line[8:20].strip() for line in lines[:-2]] == NAMES
    assert all(line.startswith("ok ") for line in lines[:-2])
    assert lines[-2:] == ["", f"{len(NAMES)} checks, none failed"]


def test_machines_get_every_check_with_its_latency(examined):
    outcome = examined("--json")
    answer = json.loads(outcome.out)
    assert answer["ok"] is True
    assert [check["name"] for check in answer["checks"]] == NAMES
    for check in answer["checks"]:
        assert set(check) == {"name", "status", "latency_ms", "detail", "hint"}
        assert check["status"] == "ok"
    assert checks_of(outcome)["model"]["latency_ms"] > 0


def test_a_taken_port_fails(examined, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("MCP_SERVER_PORT", str(taken.getsockname()[1]))
        monkeypatch.setattr("sage.local.http_probe._TIMEOUT_S", 0.2)
        outcome = examined("--json")
    assert outcome.code == 1
    assert checks_of(outcome)["port"]["status"] == "failed"
    assert checks_of(outcome)["port"]["hint"]


def test_a_database_that_is_away_fails_alone(sage, monkeypatch, free_port, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://sage:secret@127.0.0.1:{free_port}/sage")
    outcome = sage("doctor", "--json", "--data-dir", tmp_path)
    checks = checks_of(outcome)
    assert outcome.code == 1
    assert checks["database"]["status"] == "failed"
    assert checks["database"]["hint"]
    assert "pgvector" not in checks
    assert checks["model"]["status"] == "ok"
    assert "secret" not in outcome.out


def test_a_schema_to_come_is_a_warning(sage, monkeypatch, empty_postgres_dsn):
    monkeypatch.setenv("DATABASE_URL", empty_postgres_dsn)
    checks = checks_of(sage("doctor", "--json"))
    for name in ("pgvector", "schema"):
        assert checks[name]["status"] == "warning"
        assert "sage migrate up" in checks[name]["hint"]


def test_a_database_that_forgets_in_a_crash_fails(sage, monkeypatch, postgres_dsn):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    outcome = sage("doctor", "--json")
    durability = checks_of(outcome)["durability"]
    assert outcome.code == 1
    assert durability["status"] == "failed"
    assert "fsync" in durability["detail"]


def test_too_few_connections_for_another_process_are_a_warning(sage, monkeypatch, tmp_path):
    cluster = Cluster(tmp_path, {"max_connections": "12", **FAST_AND_LOOSE})
    cluster.create()
    cluster.start()
    try:
        monkeypatch.setenv("DATABASE_URL", cluster.dsn())
        connections = checks_of(sage("doctor", "--json"))["connections"]
    finally:
        cluster.stop()
    assert connections["status"] == "warning"
    assert re.fullmatch(
        r"\d of 9 are available; a Sage process opens up to 10", connections["detail"]
    )
    assert "max_connections" in connections["hint"]


def test_connections_behind_a_pooler_are_not_counted(sage, monkeypatch, postgres_dsn):
    with pgbouncer(postgres_dsn) as dsn:
        monkeypatch.setenv("DATABASE_URL", dsn)
        connections = checks_of(sage("doctor", "--json"))["connections"]
    assert connections["status"] == "ok"
    assert "pooler" in connections["detail"]


def test_a_replica_that_is_none_is_a_warning(sage, monkeypatch, postgres_dsn):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("DATABASE_READ_URL", postgres_dsn)
    replica = checks_of(sage("doctor", "--json"))["replica"]
    assert replica["status"] == "warning"
    assert replica["detail"].startswith("is not a replica")


def test_a_replica_that_is_away_fails(sage, monkeypatch, postgres_dsn, free_port):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("DATABASE_READ_URL", f"postgresql://u:secret@127.0.0.1:{free_port}/n")
    outcome = sage("doctor", "--json")
    assert checks_of(outcome)["replica"]["status"] == "failed"
    assert "check DATABASE_READ_URL" in checks_of(outcome)["replica"]["hint"]
    assert "secret" not in outcome.out


def test_wrong_settings_are_each_a_line(sage, monkeypatch):
    monkeypatch.setenv("MCP_SERVER_PORT", "none")
    monkeypatch.setenv("SAGE_LOG_LEVEL", "LOUD")
    outcome = sage("doctor")
    assert outcome.code == 1
    *lines, empty, last = outcome.out.splitlines()
    firsts = [line.split()[:2] for line in lines]
    assert firsts[::2] == [["failed", "config"]] * 2
    assert [first for first, _ in firsts[1::2]] == ["fix:"] * 2
    assert (empty, last) == ("", "2 checks, 2 failed")


def test_what_breaks_while_it_is_examined_is_a_failure_not_a_crash(examined, monkeypatch):
    def breaks(_folder):
        raise ZeroDivisionError("tea")

    monkeypatch.setattr("sage.operations.checks.machine.shutil.disk_usage", breaks)
    outcome = examined("--json")
    assert outcome.code == 1
    assert checks_of(outcome)["disk"]["detail"] == "ZeroDivisionError: tea"
    assert checks_of(outcome)["port"]["status"] == "ok"


def test_without_an_account_nothing_is_reranked_and_sentences_are_picked(examined):
    checks = checks_of(examined("--json"))
    assert checks["reranker"]["detail"] == "none (RERANKER_PROVIDER=auto)"
    assert checks["summary"]["detail"] == "extractive (no language model)"


@pytest.fixture
def account(monkeypatch):
    """Start the fake SiliconFlow as CONTRIBUTING.md does, and give what switches its faults."""
    fake = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fake_siliconflow", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    told = dict(fake.stdout.readline().strip().split("=", 1) for _ in range(2))
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    address = told["SILICONFLOW_BASE_URL"].removesuffix("/v1")

    def inject(fault):
        asked = urllib.request.Request(f"{address}/fault/{fault}", method="POST")
        with urllib.request.urlopen(asked) as answer:
            assert json.load(answer) == {"fault": fault}

    yield inject
    fake.terminate()
    fake.wait(10)
    fake.stdout.close()


def test_each_model_of_an_account_is_asked(examined, account):
    account("none")
    checks = checks_of(examined("--json"))
    assert checks["reranker"]["detail"] == "BAAI/bge-reranker-v2-m3, the key is accepted"
    assert checks["summary"]["detail"] == "Qwen/Qwen3-8B, the key is accepted"
    assert {checks[name]["status"] for name in ("model", "reranker", "summary")} == {"ok"}


def test_a_key_that_is_refused_is_told_with_what_to_check(examined, account):
    account("unauthorized")
    outcome = examined("--json")
    assert outcome.code == 1
    checks = checks_of(outcome)
    configured = "next model" if "next model" in checks else "model"  # another test may have saved
    for name in (configured, "reranker", "summary"):
        check = checks[name]
        assert check["status"] == "failed"
        assert "401" in check["detail"]
        assert check["hint"] == "check SILICONFLOW_API_KEY"
    assert "sk-fake" not in outcome.out


def test_a_reranker_that_cannot_be_had_is_a_failure_with_its_hint(examined, monkeypatch):
    monkeypatch.setenv("RERANKER_PROVIDER", "siliconflow")
    outcome = examined("--json")
    assert outcome.code == 1
    assert "SILICONFLOW_API_KEY" in outcome.out


def test_the_model_that_answers_is_examined_also_where_another_is_configured(
    sage, account, monkeypatch, postgres_dsn
):
    account("none")
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    assert sage("save", "Where do herons nest?", "By the mill.").code == 0
    assert sage("reembed", "-y").code == 0
    monkeypatch.setenv("EMBEDDING_PROVIDER", "local")
    checks = checks_of(sage("doctor", "--json"))
    assert checks["model"]["detail"].startswith("BAAI/bge-m3")
    assert checks["next model"]["status"] == "ok"
    monkeypatch.delenv("SILICONFLOW_API_KEY")
    outcome = sage("doctor", "--json")
    checks = checks_of(outcome)
    assert outcome.code == 1
    assert checks["model"]["status"] == "failed"
    assert "SILICONFLOW_API_KEY is not set" in checks["model"]["detail"]
    assert "EMBEDDING_PROVIDER" not in checks["model"]["detail"]
    assert "sage reembed" in checks["model"]["hint"]


def test_a_memory_that_waits_long_for_its_vector_is_a_warning(
    sage, account, monkeypatch, postgres_dsn
):
    account("overloaded")
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    assert sage("save", "Where do herons nest?", "By the mill.").code == 0
    queue = checks_of(sage("doctor", "--json"))["queue"]
    assert queue["status"] == "ok"
    assert queue["detail"].startswith("2 pending, 0 failed, the oldest for ")
    monkeypatch.setattr("sage.operations.checks.database.MAX_QUEUE_AGE_S", 0)
    queue = checks_of(sage("doctor", "--json"))["queue"]
    assert queue["status"] == "warning"
    assert "start Sage" in queue["hint"]


def test_transcripts_that_clients_delete_soon_are_reported_until_they_are_imported(
    examined, kept, tmp_path
):
    home = tmp_path / "home"
    write_transcripts(home, home / "proj", 2)  # of today and of 29 days ago
    found = checks_of(examined("--json"))["transcripts"]
    assert found["status"] == "warning"
    assert re.findall(r"(\w+) \w+ deletes 1 of 2 transcripts", found["detail"]) == [
        "Claude",
        "Gemini",
    ]
    assert found["hint"] == "`sage import ~/.claude/projects ~/.gemini/tmp` imports them"
    assert kept("import", home / ".claude/projects").code == 0
    found = checks_of(examined("--json"))["transcripts"]
    assert found["detail"].startswith("Gemini CLI deletes 1 of 2")
    assert kept("import", home / ".gemini/tmp").code == 0
    assert "transcripts" not in checks_of(examined("--json"))
    assert kept("import", "--undo", "last").code == 0
    assert kept("import", "--undo", "last").code == 0


def test_clients_that_call_another_address_are_named_until_they_are_connected_again(
    examined, kept, monkeypatch, tmp_path, free_port
):
    home = tmp_path / "home"
    (home / ".codex").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    assert kept("connect", "codex", "--write").code == 0
    assert "clients" not in checks_of(examined("--json"))
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port + 1))
    found = checks_of(examined("--json"))["clients"]
    assert found["status"] == "warning"
    before, now = (f"http://127.0.0.1:{port}/mcp" for port in (free_port, free_port + 1))
    assert found["detail"] == f"Codex calls {before}, not {now}"
    assert found["hint"] == "connect again: `sage connect codex --write`"
    assert kept("connect", "codex", "--write").code == 0
    assert "clients" not in checks_of(examined("--json"))
    assert kept("connect", "--remove").code == 0

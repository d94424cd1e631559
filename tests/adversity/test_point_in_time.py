"""Back to any moment with pgBackRest, by the very commands of docs/backup.md."""

from __future__ import annotations

import httpx
import pytest

from tests.support.backups import EVERYTHING, ask
from tests.support.debian import require_debian
from tests.support.faults.sage_process import running_sage
from tests.support.pgbackrest import PACKAGES, ArchivedCluster, blocks_of_the_page
from tests.support.polling import wait_for

QUEUED = "SELECT count(*) FROM sage.embedding_queue"
NOW = "SELECT clock_timestamp()::text"
EXAMPLE = "2026-11-26 10:25:00+00"


@pytest.fixture
def server(workspace):
    """Make a server that nothing is archived of yet."""
    require_debian(*PACKAGES)
    workspace.chmod(0o755)
    place = workspace / "server"
    place.mkdir()
    one = ArchivedCluster(place)
    one.create()
    yield one
    one.stop()


def save(sage, text):
    body = {"session_id": "talk", "messages": [{"role": "user", "content": text}]}
    answer = httpx.post(f"{sage.url}/api/v1/conversations", json=body, timeout=30)
    return answer.raise_for_status().json()["memory_ids"][0]


def forget(sage, memory_id):
    body = {"memory_ids": [memory_id]}
    httpx.post(f"{sage.url}/api/v1/forget", json=body, timeout=30).raise_for_status()


def found(sage, question):
    body = {"query": question, "n": 10}
    answer = httpx.post(f"{sage.url}/api/v1/search", json=body, timeout=30)
    return {hit["content"] for hit in answer.raise_for_status().json()["results"]}


@pytest.mark.timeout(400)
def test_exactly_what_was_there_at_a_moment_is_there_again(server, workspace):
    packages, pgbackrest, postgres, set_up, back_up, restore = blocks_of_the_page()
    assert packages.split()[3:] == list(PACKAGES)
    server.start()
    server.configure(pgbackrest, postgres)
    server.obey(set_up)
    full, incremental = back_up.splitlines()
    with running_sage(workspace, DATABASE_URL=server.dsn()) as sage:
        save(sage, "The spare key hangs in the shed.")
        server.obey(full)
        forgotten = save(sage, "The ladder stands behind the shed.")
        server.obey(incremental)
        save(sage, "The lamp of the shed is broken.")
        wait_for(lambda: ask(server.dsn(), QUEUED) == [(0,)])
        then, at = ask(server.dsn(), EVERYTHING), server.ask(NOW)

        save(sage, "The shed was sold.")
        forget(sage, forgotten)
        assert "The shed was sold." in found(sage, "shed")
        assert "The ladder stands behind the shed." not in found(sage, "shed")
        sage.stop()
        server.obey(restore, {EXAMPLE: at})
        server.wait_until_writable()
        assert ask(server.dsn(), EVERYTHING) == then

        sage.start()
        assert found(sage, "shed") == {
            "The spare key hangs in the shed.",
            "The ladder stands behind the shed.",
            "The lamp of the shed is broken.",
        }
        save(sage, "The shed has a new lamp.")
        server.obey(full)

"""Two Sages on one database behind each proxy: who uploads a file finds it again at each call.

It is for those who ask: SAGE_TEST_REPLICAS=1 pytest tests/adversity/test_uploads_behind_proxies.py
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from functools import partial

import pytest

from tests.support import plain_http
from tests.support.faults.proxies import PROXIES, proxy_of
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.polling import wait_for
from tests.support.postgres import ask

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not os.environ.get("SAGE_TEST_REPLICAS"), reason="SAGE_TEST_REPLICAS is not set"
    ),
]
FILES = "/api/v1/imports/files"
LINES = 16_000
_KEPT = "SELECT count(*), count(DISTINCT content) FROM sage.memories"


def lines(name):
    """Return a file as `sage export` writes it."""
    one = {"session_id": name, "role": "user"}
    texts = (f"Heron {number} of {name} nests by the mill." for number in range(LINES))
    return "\n".join(json.dumps(one | {"content": text}) for text in texts).encode()


def call(url, method, path, **options):
    """Call over a connection of its own, which the proxy may lead anywhere."""
    answer = plain_http.request(method, f"{url}{path}", **options)
    assert answer.status_code == 200, f"{method} {path}: {answer.text}"
    return answer


def hand_in(url, name):
    """Upload a file and wait until it is counted; return its id."""
    params = {"name": f"{name}.jsonl"}
    import_id = call(url, "POST", FILES, params=params, content=lines(name)).json()["import_id"]
    wait_for(lambda: told(url, import_id)["state"] == "counted", 120)
    return import_id


def told(url, import_id):
    return call(url, "GET", f"{FILES}/{import_id}").json()


def start(url, import_id):
    return call(url, "POST", f"{FILES}/{import_id}/start").json()


def undo(url, import_id):
    """Undo some of an import; return how much is left."""
    return call(url, "DELETE", f"/api/v1/imports/{import_id}").json()["left"]


def knows(sage, import_id):
    """Return whether a Sage has a file."""
    return plain_http.get(f"{sage.url}{FILES}/{import_id}").is_success


@pytest.mark.parametrize("proxy", PROXIES)
def test_who_uploads_a_file_finds_it_again(postgres_dsn, workspace, proxy):
    with ExitStack() as stack:
        folders = [workspace / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        surroundings = NO_PROVIDER | {"DATABASE_URL": postgres_dsn}
        sages = [stack.enter_context(running_sage(one, **surroundings)) for one in folders]
        ports = [sage.port for sage in sages]
        url = stack.enter_context(proxy_of(proxy, workspace / "proxy", ports))
        kept = partial(ask, postgres_dsn, _KEPT)

        # It is imported, and shown by the console.
        first = hand_in(url, "first")
        assert "first.jsonl" in call(url, "GET", "/connect/imports").text
        start(url, first)
        wait_for(lambda: told(url, first)["state"] == "imported", 120)
        assert kept() == f"{LINES}|{LINES}"
        owner, other = sorted(sages, key=lambda one: not knows(one, first))
        assert knows(owner, first)
        assert not knows(other, first)

        # An undo reaches the Sage that is importing, and stops it.
        for name in ("second", "third"):
            undone = hand_in(url, name)
            start(url, undone)
            wait_for(lambda one=undone: told(url, one)["added"] > 0, 120)
            left = undo(url, undone)
            assert not knows(owner, undone)
            while left:
                left = undo(url, undone)
            assert kept() == f"{LINES}|{LINES}"

        # A Sage that is restarted meanwhile goes on with what it was at.
        fourth = hand_in(url, "fourth")
        start(url, fourth)
        wait_for(lambda: told(url, fourth)["added"] > 0, 120)
        owner.stop()
        away = plain_http.get(f"{url}{FILES}/{fourth}")
        assert away.status_code == 404
        assert "is being restarted" in away.json()["hint"]
        owner.start()
        wait_for(lambda: plain_http.get(f"{url}{FILES}/{fourth}").is_success, 60)
        assert told(url, fourth)["state"] == "interrupted"
        start(url, fourth)
        wait_for(lambda: told(url, fourth)["state"] == "imported", 120)
        assert kept() == f"{2 * LINES}|{2 * LINES}"

        # If it does not come back, the other one imports the rest of the file from another upload.
        fifth = hand_in(url, "fifth")
        start(url, fifth)
        wait_for(lambda: told(url, fifth)["added"] > 0, 120)
        owner.kill()
        wait_for(lambda: plain_http.get(f"{url}{FILES}").is_success, 60)
        again = hand_in(url, "fifth")
        counted = told(url, again)
        assert counted["there"] > 0
        assert counted["there"] + counted["added"] == LINES
        start(url, again)
        wait_for(lambda: told(url, again)["state"] == "imported", 120)
        assert kept() == f"{3 * LINES}|{3 * LINES}"

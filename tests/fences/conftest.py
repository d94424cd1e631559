"""A Sage that remembers texts which were written to be obeyed."""

import json
import os
import sys
from pathlib import Path

import httpx
import pytest

from tests.fences.canaries import CANARIES, WORDS
from tests.support import plain_http
from tests.support.live import new_database
from tests.support.proof_key import share_key
from tests.support.serving import serving, settings_for, wait_until


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch):
    """Put `sage` on the PATH: a process remembers how it was called."""
    here = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", f"{here}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="session")
def planted(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage that remembers every canary; give its URL, its data directory and its DSN."""
    data_dir = tmp_path_factory.mktemp("data")
    with new_database(postgres_server, migrated_template) as dsn:
        settings = settings_for(dsn, data_dir, connector_tools=True)
        with serving(settings) as url:
            for canary in CANARIES:
                line = canary.as_line()
                body = {
                    "session_id": line.pop("session_id"),
                    "metadata": {"project": canary.word} | line.pop("metadata"),
                    "messages": [line],
                }
                saved = httpx.post(f"{url}/api/v1/conversations", json=body, timeout=60)
                assert saved.status_code == 200, saved.text
            wait_until(lambda: not stats(url)["queue"]["pending"], "the vectors")
            yield url, data_dir, dsn


@pytest.fixture
def empty(postgres_server, migrated_template, tmp_path):
    """Serve a Sage that remembers nothing; give its URL."""
    share_key(tmp_path, tmp_path / "data")
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(settings_for(dsn, tmp_path / "data")) as url,
    ):
        yield url


def stats(url):
    return plain_http.get(f"{url}/api/v1/stats", timeout=60).json()


@pytest.fixture
def found(planted):
    """Return what is kept of each canary, as the REST API tells programs."""
    url, *_ = planted
    memories, cursor = [], {}
    while cursor is not None:
        page = plain_http.get(
            f"{url}/api/v1/memories", params={"limit": 100} | cursor, timeout=60
        ).json()
        memories += page["memories"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    return {word: one for one in memories for word in WORDS if word in json.dumps(one)}

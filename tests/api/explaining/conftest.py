"""Sage with the model that people get, whose relevance is known, and a session about a garden."""

import pytest

from sage.providers.local import LocalEmbedder
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

QUESTION = "When does the pottery class start?"
GARDEN = (
    "The pottery class starts on Friday evening.",
    "陶轮放在地下室的暖气旁边。",
    "The glaze for the pottery is in the blue cupboard.",
    "We painted the fence on Sunday.",
    "My neighbour keeps three goats.",
    "烧制陶器的窑炉要用十二个小时。",
)


@pytest.fixture(scope="package")
def own_dsn(postgres_server, migrated_template):
    """Return the address of the database of the folder."""
    with new_database(postgres_server, migrated_template) as dsn:
        yield dsn


@pytest.fixture(scope="package")
def sage_url(own_dsn, tmp_path_factory):
    """Serve Sage with the model that people get; tests keep apart by session ids."""
    settings = settings_for(own_dsn, tmp_path_factory.mktemp("data"))
    with serving(settings, LocalEmbedder()) as url:
        yield url


@pytest.fixture
def vectors_made(rest):
    """Return what waits until all that was said can be found by meaning."""
    return lambda: wait_for(lambda: not rest.get("/api/v1/stats").json()["queue"]["pending"], 60)


@pytest.fixture
def garden(rest, session_id, vectors_made):
    """Save the session and wait for its vectors; return the ids of its memories."""
    messages = [{"role": "user", "content": text} for text in GARDEN]
    body = {"messages": messages, "session_id": session_id, "metadata": {"topic": "garden"}}
    saved = rest.post("/api/v1/conversations", json=body).json()
    vectors_made()
    return saved["memory_ids"]

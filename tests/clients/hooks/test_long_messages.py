"""Messages as long as books, with a Sage of their own: it would take the real model minutes."""

import pytest

from tests.clients.hooks.conftest import TURNS, line, stop
from tests.support import plain_http
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.proof_key import share_key
from tests.support.serving import serving, settings_for

LEFT_OUT = "\n[... 2,01"


@pytest.fixture
def embedder():
    return BagOfWordsEmbedder()


@pytest.fixture
def sage_url(postgres_server, migrated_template, tmp_path, embedder):
    share_key(tmp_path / "server")
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(settings_for(dsn, tmp_path / "server"), embedder) as url,
    ):
        yield url


def test_a_message_as_long_as_a_book_is_kept_and_a_longer_one_is_reported(live_hooks, transcript):
    path, mark = transcript("claude-code")
    with path.open("a") as file:
        file.write(line(mark, "b-1", "user", "a long book " * 400_000) + "\n")
        file.write(line(mark, "b-2", "user", "a longer book " * 1_200_000) + "\n")
        file.write(line(mark, "b-3", "user", "and the last") + "\n")
    stop(live_hooks, path, mark, event="end")
    wait_for(lambda: live_hooks.status().get("failing"), 60)
    assert live_hooks.status()["captured"] == len(TURNS) + 49 + 1  # in parts
    assert "longer than 16 MB" in live_hooks.status()["failing"]["message"]


def test_of_a_long_log_and_answer_the_ends_are_embedded_and_every_word_is_found_at_once(
    live_hooks, transcript, sage_url, embedder
):
    path, mark = transcript("claude-code")
    log = "2026-11-29 12:00:00 ERROR disk full\n" * 28_000
    log = f"What is wrong in this log?\n{log}zanzibar\n{log}"
    answer = f"{'The disk is full. ' * 1_000}quetzal {'Make room. ' * 1_000}"
    with path.open("a") as file:
        file.write(line(mark, "l-1", "user", log) + "\n")
        file.write(line(mark, "l-2", "assistant", answer) + "\n")
    stop(live_hooks, path, mark, event="end")
    wait_for(lambda: live_hooks.status().get("captured") == len(TURNS) + 22, 60)
    for word in ("zanzibar", "quetzal"):
        found = plain_http.post(f"{sage_url}/api/v1/search", json={"query": word}).json()["results"]
        assert any(word in one["content"] for one in found), word
    asked = {"query": "ERROR disk full", "n": 50}
    found = plain_http.post(f"{sage_url}/api/v1/search", json=asked).json()["results"]
    (hit,) = [one["content"] for one in found if "ERROR disk full" in one["content"]]
    assert len(hit) < 6_000
    assert hit.endswith(f"\n[... {len(log) - 1 - hit.index(LEFT_OUT):,} characters left out]")
    wait_for(lambda: not plain_http.get(f"{sage_url}/api/v1/stats").json()["queue"]["pending"], 60)
    assert embedder.texts_embedded < 60  # of 5,000 pieces
    session = plain_http.get(f"{sage_url}/api/v1/sessions/claude-code:{mark}").json()["memories"]
    shown = session[2]["content"]
    assert shown.startswith("What is wrong in this log?")
    assert shown.endswith("\n[... 2,012,035 characters left out]")
    counted = plain_http.get(f"{sage_url}/api/v1/stats").json()["memories"]
    assert counted == len(session) == len(TURNS) + 2
    start = live_hooks.answer("start", {"session_id": "next", "cwd": str(path.parent)})
    block = start["hookSpecificOutput"]["additionalContext"]
    assert "What is wrong in this log?" in block
    assert "[… 2,015,974 characters …]" in block
    assert block.count("disk full") < 30
    forgotten = {"memory_ids": [session[2]["memory_id"]]}
    answer = plain_http.post(f"{sage_url}/api/v1/forget", json=forgotten).json()
    assert answer["forgotten"] == 21
    found = plain_http.post(f"{sage_url}/api/v1/search", json={"query": "zanzibar"}).json()
    assert not any("zanzibar" in one["content"] for one in found["results"])

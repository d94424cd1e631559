"""Messages as long as books, with a Sage of their own: it would take the real model minutes."""

import pytest

from tests.hooks.conftest import TURNS, line, stop
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.proof_key import share_key
from tests.support.serving import serving, settings_for


@pytest.fixture
def sage_url(postgres_server, migrated_template, tmp_path):
    share_key(tmp_path / "server")
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving(settings_for(dsn, tmp_path / "server"), BagOfWordsEmbedder()) as url,
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

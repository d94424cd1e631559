"""What a Sage in a container leaves to the host, where the AI clients are."""

import json

import pytest

from tests.cli.test_healthcheck import answering
from tests.support.each import each

WORDS = {
    ("pause", "2h"): "run `python3 sage-client.pyz pause 2h` there",
    ("pause",): "run `python3 sage-client.pyz pause` there",
    ("resume",): "run `python3 sage-client.pyz resume` there",
    ("forget", "--this-session"): "run `python3 sage-client.pyz forget --this-session` there",
    ("import", "--list"): "run `python3 sage-client.pyz import --list` there",
    ("connect", "--remove"): (
        "run `curl -fsSO http://127.0.0.1:17801/client/sage-client.pyz` there, then"
        " `python3 sage-client.pyz connect --url http://127.0.0.1:17801"
        " --token-file secrets/sage_token`"
    ),
}


@each("words", WORDS)
def test_what_is_about_ai_clients_is_refused_in_the_container_and_the_command_there_is_named(
    sage, monkeypatch, tmp_path, words
):
    monkeypatch.setenv("SAGE_PUBLISHED_ADDRESSES", "127.0.0.1:17801")
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setattr("sage.cli.host.is_own_image", lambda: True)
    monkeypatch.setattr("sage.local.address.is_own_image", lambda: True)
    refused = sage("--data-dir", tmp_path / "data", *words)
    assert (refused.code, refused.out) == (1, "")
    assert "hooks run on the host, not in this container" in refused.err
    assert f"fix: {WORDS[words]}\n" in refused.err
    assert not (tmp_path / "data").exists()


@pytest.fixture
def in_container(monkeypatch, tmp_path):
    """Be in a container that publishes a port."""
    monkeypatch.setenv("SAGE_PUBLISHED_ADDRESSES", "127.0.0.1:17900")
    monkeypatch.setenv("SAGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("sage.cli.host.is_own_image", lambda: True)
    monkeypatch.setattr("sage.local.address.is_own_image", lambda: True)


@pytest.mark.usefixtures("in_container")
def test_the_sage_of_a_container_is_found_and_named_by_the_address_that_is_published(
    sage, monkeypatch
):
    known = ("/", "/health/liveness", "/health/readiness")
    answers = dict.fromkeys(known, (200, b"{}"))
    with answering(answers) as server:
        monkeypatch.setenv("MCP_SERVER_PORT", str(server.server_port))
        assert sage("console", "--print").out == "http://127.0.0.1:17900/\n"
        ready = sage("status")
        answers["/health/readiness"] = (503, b"{}")
        waiting = sage("status")
        monkeypatch.setenv("SAGE_PUBLIC_URL", "https://sage.example.org/")
        assert sage("console", "--print").out == "https://sage.example.org/\n"
        for verb in ("up", "down"):
            refused = sage(verb)
            assert (refused.code, refused.out) == (1, "")
            assert "it starts and stops with the container" in refused.err
    told = "Sage is ready: http://127.0.0.1:17900/mcp (in this container)\n"
    assert (ready.code, ready.out) == (0, told)
    assert (waiting.code, "Sage is running (in this container)" in waiting.out) == (1, True)
    assert sage("status").code == 1
    gone = sage("console", "--print")
    assert (gone.code, "fix: wait until this container is ready" in gone.err) == (1, True)


def test_what_listens_outside_of_a_container_is_not_taken_for_the_sage_that_was_named(
    sage, monkeypatch, tmp_path
):
    monkeypatch.setenv("SAGE_DATA_DIR", str(tmp_path / "data"))
    with answering({"/health/liveness": (200, b"{}")}) as server:
        monkeypatch.setenv("MCP_SERVER_PORT", str(server.server_port))
        assert "sage up" in sage("console", "--print").err
        assert sage("status").code == 1


@pytest.mark.usefixtures("in_container")
def test_the_line_of_a_token_names_the_address_that_the_container_publishes(kept):
    made = kept("token", "create", "--machine", "desk", "--json")
    assert json.loads(made.out)["mcp_url"] == "http://127.0.0.1:17900/mcp"
    assert kept("token", "revoke", "desk").code == 0

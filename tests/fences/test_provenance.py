"""Who saved a memory, by which door, and what it is to whoever reads it."""

import asyncio
import json

import pytest

from sage.cli.main import main
from tests.support import plain_http
from tests.support.backups import ask
from tests.support.guarded import SERVER_TOKEN, Guarded, make_tokens
from tests.support.live import new_database
from tests.support.serving import serving, settings_for

NAMED = {"messages": [{"role": "user", "content": "The heron nests by the mill."}]}
LINE = {"session_id": "hooked", "role": "user", "content": "The heron eats frogs."}


@pytest.fixture(scope="module")
def team(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage in which several people have saved something about herons, in several ways."""
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        settings = settings_for(dsn, tmp_path_factory.mktemp("data"), token=SERVER_TOKEN)
        with serving(settings) as url:
            server = Guarded(url, tokens, "")
            server.dsn = dsn
            save = "/api/v1/conversations"
            server.request("owner", "POST", save, json=NAMED | {"session_id": "rest"})
            body = {"client": "codex", "memories": [LINE]}
            server.request("writer", "POST", "/api/v1/hooks/capture", json=body)
            yield server


@pytest.fixture
def imported(team, tmp_path, monkeypatch):
    """Import a file into the space of the team."""
    line = {"session_id": "old", "role": "user", "content": "A heron stood in the reeds."}
    path = tmp_path / "memories.jsonl"
    path.write_text(json.dumps(line | {"author": "owner", "metadata": {"source": "chatgpt"}}))
    monkeypatch.setenv("DATABASE_URL", team.dsn)
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)
    data_dir = str(tmp_path / "data")
    assert main(["import", str(path), "--space", "team", "--data-dir", data_dir]) == 0


def listed(team, who):
    """Return the source, the trust and the author of each session's memories, as one sees them."""
    page = team.request(who, "GET", "/api/v1/memories").json()
    return {
        one["session_id"]: (one["source"], one["trust"], one.get("author"))
        for one in page["memories"]
    }


@pytest.mark.usefixtures("imported")
async def test_every_memory_says_how_it_came_in_and_whose_it_is(team):
    async with team.client("owner") as client:
        said = {"user_prompt": "A heron again.", "assistant_response": "Noted."}
        await client.call_tool("save_conversation", said | {"session_id": "tool"})
    assert listed(team, "owner") == {
        "rest": ("rest", "own", "owner"),
        "tool": ("tool", "own", "owner"),
        "hooked": ("hook:codex", "other member", "writer"),
        "old": ("import:chatgpt", "imported", "owner"),
    }
    assert listed(team, "writer")["hooked"] == ("hook:codex", "own", "writer")
    assert listed(team, "writer")["rest"] == ("rest", "other member", "owner")


@pytest.mark.usefixtures("imported")
async def test_a_model_is_told_of_what_is_not_its_users_own_and_of_nothing_else(team):
    asked = {"query": "heron", "min_relevance": "none"}
    async with team.client("owner") as client:
        for tool in ("search_memory", "get_context"):
            answer = await client.call_tool(tool, asked)
            text = answer.content[0].text
            assert text.count("saved by writer") == 1
            assert "saved by owner" not in text
            assert text.count("imported") == 1
        found = (await client.call_tool("search_memory", asked)).structured_content["results"]
        trust = {one["session_id"]: one.get("trust") for one in found}
        assert trust == {"rest": None, "hooked": "other member", "old": "imported", "tool": None}
        assert all(("source" in one) == ("trust" in one) for one in found)
        ids = [one["memory_id"] for one in found]
        read = (await client.call_tool("get_memories", {"memory_ids": ids})).structured_content
        assert {one["trust"] for one in read["memories"]} == {"own", "other member", "imported"}


def test_what_was_saved_before_sources_were_recorded_says_so(postgres_dsn, tmp_path):
    with serving(settings_for(postgres_dsn, tmp_path)) as url:
        plain_http.post(f"{url}/api/v1/conversations", json=NAMED | {"session_id": "s"})
        ask(postgres_dsn, "UPDATE sage.memories SET source = NULL")
        (one,) = plain_http.get(f"{url}/api/v1/sessions/s").json()["memories"]
        assert (one["source"], one["trust"]) == ("unknown", "unknown")
        told = plain_http.post(f"{url}/api/v1/context", json={"query": "heron"}).json()["context"]
        assert "heron" in told
        assert "saved by" not in told


def test_the_command_line_shows_where_a_memory_comes_from(
    postgres_dsn, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)
    ours = ("--data-dir", str(tmp_path))
    assert main(["save", "Where do herons nest?", "By the mill.", "--session", "s", *ours]) == 0
    assert main(["show", "s", *ours]) == 0
    assert "source cli (own)" in capsys.readouterr().out


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    ("who", "trust", "sessions"),
    [
        ("owner", "own", {"rest"}),
        ("writer", "own", {"hooked"}),
        ("owner", "other member", {"hooked"}),
        ("writer", "other member", {"rest"}),
        ("owner", "imported", {"old"}),
        ("owner", "unknown", set()),
    ],
)
def test_a_search_finds_only_what_has_a_trust(team, who, trust, sessions):
    asked = {"query": "heron", "min_relevance": "none", "trust": trust}
    found = team.request(who, "POST", "/api/v1/search", json=asked).json()["results"]
    assert {hit["session_id"] for hit in found} - {"tool"} == sessions
    assert {hit.get("trust", "own") for hit in found} <= {trust}


def test_a_trust_that_there_is_not_is_refused(team):
    asked = {"query": "heron", "trust": "blind"}
    refusal = team.request("owner", "POST", "/api/v1/search", json=asked)
    assert refusal.status_code == 422
    assert "own, other member, imported, unknown" in refusal.text

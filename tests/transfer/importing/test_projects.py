"""What coding agents kept is of its project, and recalled in no other."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from sage.clients.importing.sources import sources_at
from sage.providers.local import LocalEmbedder
from tests.support import plain_http
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for
from tests.transfer.importing.sample_files import database, write
from tests.transfer.importing.samples import MAKERS

SAMPLES = Path(__file__).parents[2] / "clients/hooks/samples"
NAMES = ("heron", "mill", "unknown")
HASH = hashlib.sha256(b"/home/me/projA").hexdigest()


def projects_in(*paths):
    """Return the projects of all that is read."""
    found = sources_at(paths).sources
    return {memory.metadata.get("project") for one in found for memory in one.memories()}


@pytest.fixture
def auto_memory(tmp_path):
    folder = tmp_path / ".claude/projects/-home-me-projA"
    note = "---\nname: staging\ndescription: hosts\n---\n\nThe staging host is marmot.\n"
    write(folder / "memory/staging.md", note)
    return folder


@pytest.fixture
def gemini(tmp_path):
    """Write a chat of Gemini CLI; return the folder that it keeps for the project."""
    folder = tmp_path / ".gemini/tmp/proja"
    lines = (SAMPLES / "gemini-cli.jsonl").read_text().splitlines()
    heading = json.dumps(json.loads(lines[0]) | {"projectHash": HASH})
    write(folder / "chats/session-a.jsonl", "\n".join([heading, *lines[1:], ""]))
    return folder


def began_in(folder, session, cwd):
    line = {"type": "user", "cwd": cwd, "uuid": session, "sessionId": session}
    write(folder / f"{session}.jsonl", f'{{"type": "summary"}}\n{json.dumps(line)}\n')


def test_auto_memory_is_of_the_folder_that_the_transcripts_beside_it_name(auto_memory):
    began_in(auto_memory, "a", "/home/me/projA")
    began_in(auto_memory, "b", "/home/me/projA")
    assert projects_in(auto_memory / "memory") == {"/home/me/projA"}


def test_auto_memory_whose_folder_is_not_known_is_of_a_project_that_is_no_folder(auto_memory):
    assert projects_in(auto_memory) == {"-home-me-projA"}


def test_auto_memory_of_two_folders_of_one_name_is_of_neither(auto_memory):
    began_in(auto_memory, "a", "/home/me/projA")
    began_in(auto_memory, "b", "/home/me/proj/A")
    assert projects_in(auto_memory / "memory") == {"-home-me-projA"}


def test_a_chat_of_gemini_cli_is_of_the_folder_that_stands_beside_it(gemini):
    (gemini / ".project_root").write_text("/home/me/projA\n")
    assert projects_in(gemini) == {"/home/me/projA"}


@pytest.mark.parametrize("name", ["proja", "another"])
def test_a_chat_of_gemini_cli_is_found_in_its_list_by_name_or_hash(gemini, name):
    listed = {"projects": {"/home/me/other": "other", "/home/me/projA": name}}
    write(gemini.parents[1] / "projects.json", listed)
    assert projects_in(gemini) == {"/home/me/projA"}


@pytest.mark.parametrize("listed", ["", "[]", '{"projects": []}', '{"projects": {"/x": "x"}}'])
def test_a_chat_of_gemini_cli_whose_folder_is_not_known_is_of_its_hash(gemini, listed):
    (gemini.parents[1] / "projects.json").write_text(listed)
    assert projects_in(gemini) == {HASH}


@pytest.mark.parametrize(
    ("name", "projects"),
    [
        ("claude-mem", {"proj", "claude-mem"}),
        ("cursor", {"cursor"}),
        ("mempalace", {"app"}),
        ("copilot", {"copilot"}),
        ("claude-code", {"/home/user/proj"}),
        ("notes", {None}),
        ("chatgpt", {None}),
    ],
)
def test_memories_of_agents_have_a_project_and_those_of_people_none(name, projects, tmp_path):
    assert projects_in(MAKERS[name](tmp_path)) == projects


def test_a_chat_of_cursor_is_of_the_folder_of_the_workspace_that_lists_it(tmp_path):
    user = tmp_path / "User"
    (user / "globalStorage").mkdir(parents=True)
    MAKERS["cursor"](user / "globalStorage")
    for name, folder, chats in (
        ("a", "file:///home/me/my%20proj", ["c1"]),
        ("b", "vscode-remote://ssh/home/me/other", ["c2"]),
        ("c", 5, ["c1"]),
    ):
        write(user / f"workspaceStorage/{name}/workspace.json", {"folder": folder})
        listed = {"allComposers": [{"composerId": one} for one in chats]}
        stored = [{"key": "composer.composerData", "value": json.dumps(listed)}]
        database(user / f"workspaceStorage/{name}/state.vscdb", ItemTable=stored)
    write(user / "workspaceStorage/d/workspace.json", {"folder": "file:///home/me/gone"})
    assert projects_in(user / "globalStorage") == {"/home/me/my proj", "cursor"}


def test_a_name_is_of_the_one_folder_of_that_name_in_which_claude_code_was_used(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    used = tmp_path / ".claude/projects"
    for place in ("/home/me/heron", "/home/me/mill", "/srv/mill"):
        began_in(used / place.replace("/", "-"), "a", place)
    memories = [{"content_session_id": "s", "id": name, "project": name} for name in NAMES]
    told = {"prompts": [], "summaries": [], "observations": []}
    told["summaries"] = [one | {"memory_session_id": "s", "notes": "x"} for one in memories]
    assert projects_in(write(tmp_path / "memories.json", told)) == {
        *("/home/me/heron", "mill", "unknown")
    }


def test_copilot_tells_in_which_folder_it_began(tmp_path):
    path = tmp_path / "events.jsonl"
    shutil.copy(SAMPLES / "copilot.jsonl", path)
    text = path.read_text().replace(
        '{"sessionId": "cp"}', '{"sessionId": "cp", "context": {"cwd": "/home/me/projA"}}'
    )
    path.write_text(text)
    assert projects_in(path) == {"/home/me/projA"}


def test_a_prompt_in_another_project_recalls_nothing_of_it(
    sage, auto_memory, gemini, tmp_path, postgres_dsn
):
    note = "---\nname: host\ndescription: hosts\n---\n\nThe name of the staging host is marmot.\n"
    write(auto_memory / "memory/host.md", note)
    began_in(auto_memory, "a", "/home/me/projA")
    (gemini / ".project_root").write_text("/home/me/projA\n")
    assert sage("import", auto_memory, gemini).code == 0

    def recalled(url, project, query):
        asked = {"event": "prompt", "client": "claude-code", "session": "s", "known": []}
        body = asked | {"project": project, "query": query}
        return plain_http.post(f"{url}/api/v1/hooks/recall", json=body).json()["text"]

    with serving(settings_for(postgres_dsn, tmp_path / "served"), LocalEmbedder()) as url:
        wait_for(lambda: not plain_http.get(f"{url}/api/v1/stats").json()["queue"]["pending"])
        host, herons = "What is the name of the staging host?", "Where do herons nest?"
        assert "marmot" in recalled(url, "/home/me/projA", host)
        assert "Herons nest" in recalled(url, "/home/me/projA", herons)
        for query in (host, herons):
            assert recalled(url, "/home/me/projB", query) == ""
        told = plain_http.post(f"{url}/api/v1/search", json={"query": host}).text
        assert "marmot" in told  # when it is asked for

"""What `sage connect` shows of a file, and what it says besides."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.clients.connect.test_files import put

SECRET = "sk-of-another-server"
OTHER = {"command": "npx", "args": ["-y"], "env": {"KEY": SECRET, "B": "1"}}
SERVERS = {"files": OTHER, "web": {"url": "http://x", "headers": {"Authorization": SECRET}}}
ONE_LINE = {
    "spaced": json.dumps({"a": SECRET, "mcpServers": SERVERS, "hooks": {"AfterAgent": [OTHER]}}),
    "dense": json.dumps({"mcpServers": SERVERS, "b": [SECRET]}, separators=(",", ":")),
    "a line of many": '{\n  "mcpServers": ' + json.dumps(SERVERS) + ',\n  "theme": "dark"\n}\n',
}


@pytest.mark.parametrize("text", ONE_LINE.values(), ids=ONE_LINE)
def test_of_a_line_that_changes_only_the_part_that_does_is_shown(connect, home, text):
    put(home / ".gemini/settings.json", text)
    shown = connect("gemini-cli", "--hooks")
    assert SECRET not in connect("gemini-cli", "--hooks", "--write").out
    removed = connect("gemini-cli", "--remove")
    for outcome, sign in ((shown, "+"), (removed, "-")):
        assert SECRET not in outcome.out
        changed = [line for line in outcome.out.splitlines() if line.strip()[:1] in "+-"]
        assert {line.strip()[:1] for line in changed} == {sign}
        whole = "".join(line.strip()[1:] for line in changed)
        assert '"sage"' in whole
        assert '"httpUrl": "http://127.0.0.1:17800/mcp"' in whole
        assert "sage-hook stop --client gemini-cli" in whole
    assert (home / ".gemini/settings.json").read_text() == text


@pytest.mark.parametrize("text", ["", "{}\n", "{\n}"])
def test_of_an_empty_file_the_lines_that_it_will_have_are_shown(connect, home, text):
    put(home / ".claude.json", text)
    shown = connect("claude-code", "--hooks").out.splitlines()
    connect("claude-code", "--hooks", "--write")
    for path in (home / ".claude.json", home / ".claude/settings.json"):
        written = [f"  +{line}" for line in path.read_text().splitlines()]
        first = shown.index(str(path)) + 2  # below the place of the change
        assert shown[first : first + len(written)] == written


def test_a_client_that_was_connected_is_told_of_in_six_lines_with_what_is_next(
    connect, home, data_dir
):
    put(home / ".claude.json", "{}\n")
    outcome = connect("claude-code", "--hooks", "--write")
    undo = f"connect claude-code --remove --data-dir {data_dir}"
    first, changed, copies, following, last = outcome.out.splitlines()
    assert first == "Claude Code is connected, with hooks"
    assert changed == "  changed  ~/.claude.json, ~/.claude/settings.json"
    assert copies.startswith(f"  copies   {data_dir}/client-backups")
    assert following.startswith("  next     start `claude` in a project and say something")
    assert last.startswith("  undo     ")
    assert last.endswith(undo)
    assert len((outcome.out + outcome.err).splitlines()) <= 6
    again = connect("claude-code", "--hooks", "--write").out
    assert again.splitlines()[0] == "nothing to change in the files of Claude Code"
    assert "changed" not in again
    (home / ".codex").mkdir()
    codex = connect("codex", "--hooks", "--write").out
    assert "choose to trust the hooks" in codex
    (home / ".config/zed").mkdir(parents=True)
    assert "next     restart Zed" in connect("zed", "--write").out
    for name in (".gemini", ".config/Trae"):  # not connected
        (home / name).mkdir()
    listed = " ".join(connect().err.split())
    one = f"connect CLIENT --hooks --write --data-dir {data_dir}` one of them;"
    assert f"{one} without --hooks for trae" in listed


class Alive(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


def test_of_what_stands_before_sage_nothing_is_shown(connect, home):
    path = home / ".gemini/settings.json"
    put(path, "{}")
    connect("gemini-cli", "--write")
    put(path, json.dumps({"a": SECRET} | json.loads(path.read_text())))
    removed = connect("gemini-cli", "--remove")
    assert json.loads(path.read_text()) == {"a": SECRET}
    assert '"sage"' in removed.out
    assert SECRET not in removed.out


def test_hooks_say_where_no_sage_answers(connect, home, monkeypatch):
    put(home / ".claude.json", "{}\n")
    with HTTPServer(("127.0.0.1", 0), Alive) as server:
        port = server.server_port
        monkeypatch.setenv("MCP_SERVER_PORT", str(port))
        threading.Thread(target=server.handle_request).start()
        assert "no answer" not in connect("claude-code", "--hooks", "--write").err
    outcome = connect("claude-code", "--hooks", "--write")
    assert outcome.code == 0
    assert f"no answer from http://127.0.0.1:{port}/" in outcome.err
    assert "Start Sage" in outcome.err
    assert "no answer" not in connect("claude-code", "--hooks").err


def test_a_client_without_a_name_has_no_hooks(connect):
    outcome = connect("generic", "--hooks")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--hooks is only for clients that Sage supports by name" in outcome.err

"""What `sage connect` shows of a file, and what it says besides."""

import json

import pytest

from tests.clients.test_files import put

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
    written = connect("gemini-cli", "--hooks", "--write")
    removed = connect("gemini-cli", "--remove")
    for outcome, sign in ((shown, "+"), (written, "+"), (removed, "-")):
        assert SECRET not in outcome.out
        changed = [line for line in outcome.out.splitlines() if line.strip()[:1] in "+-"]
        assert {line.strip()[:1] for line in changed} == {sign}
        whole = "".join(line.strip()[1:] for line in changed)
        assert '"sage"' in whole
        assert '"httpUrl": "http://127.0.0.1:17800/mcp"' in whole
        assert "sage-hook stop --client gemini-cli" in whole
    assert (home / ".gemini/settings.json").read_text() == text


def test_a_client_without_a_name_has_no_hooks(connect):
    outcome = connect("generic", "--hooks")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--hooks is for clients that Sage knows by name" in outcome.err

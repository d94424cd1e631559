"""What others write into a file after Sage stays as they wrote it when Sage is taken out."""

import json
import tomllib

import pytest

from sage.clients.connect.catalog import BY_NAME
from sage.clients.connect.json_text import parse_json
from tests.clients.connect.test_files import put

EMPTY = ("{}", "{ }\n", "{\n}\n", "{\n\n}\n", '{\n  "mcpServers": {\n }}\n', '{"mcpServers": {}}')
LAYOUTS = ({"indent": 2}, {"indent": 4}, {"indent": "\t"}, {}, {"separators": (",", ":")})
ADDED = {"model": "opus", "permissions": {"deny": ["Read(./.env)"]}}
OTHER = {"command": "npx", "args": ["-y", "@x/files"]}


def read(path):
    return parse_json(path.read_text(), str(path), strict=True).value


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("text", EMPTY)
def test_what_a_client_adds_behind_sage_stays(connect, home, text, layout):
    path = home / ".claude.json"
    put(path, text)
    connect("claude-code", "--write")
    document = read(path) | ADDED
    document["mcpServers"]["other"] = OTHER
    put(path, json.dumps(document, **layout))
    assert connect("claude-code", "--remove").code == 0
    assert read(path) == ADDED | {"mcpServers": {"other": OTHER}}


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize(
    "text", [*EMPTY[:4], '{"hooks": {"Stop": []}}', '{\n  "hooks": {\n    "Stop": [\n ]\n  }\n}\n']
)
def test_hooks_that_a_client_adds_behind_those_of_sage_stay(connect, home, text, layout):
    path = home / ".claude/settings.json"
    put(home / ".claude.json", "{}\n")
    put(path, text)
    connect("claude-code", "--write", "--hooks")
    document = read(path) | ADDED
    foreign = {"hooks": [{"type": "command", "command": "notify-send done"}]}
    document["hooks"]["Stop"].append(foreign)
    put(path, json.dumps(document, **layout))
    assert connect("claude-code", "--remove").code == 0
    assert read(path) == ADDED | {"hooks": {"Stop": [foreign]}}


@pytest.mark.parametrize(
    "added", ['"vim_mode": true', '"vim_mode": true,', '"vim_mode": true // x']
)
@pytest.mark.parametrize(
    "text",
    [
        "{\n}\n",
        "{\n  // nothing yet\n}\n",
        "{ /* nothing yet */ }",
        '{\n  "context_servers": {\n  }\n}\n',
        '{\n  // a "context_servers": {\n  "context_servers": { // none\n  }\n}\n',
    ],
)
def test_what_is_added_by_hand_behind_sage_stays(connect, home, text, added):
    path = home / BY_NAME["zed"].file
    put(path, text)
    connect("zed", "--write")
    written = path.read_text()
    end = parse_json(written, "written", strict=False).children[-1][1]
    put(path, f"{written[:end]},\n  {added}\n{written[end:]}")
    edited = parse_json(path.read_text(), "edited", strict=False).value
    assert connect("zed", "--remove").code == 0
    left = path.read_text()
    servers = {"context_servers": {}} if "context_servers" in text else {}
    assert parse_json(left, "left", strict=False).value == servers | {"vim_mode": True}
    assert edited["context_servers"].keys() == {"sage"}
    assert ("nothing yet" in text, "none" in text) == ("nothing yet" in left, "none" in left)


def test_no_comma_is_left_behind_where_sage_became_the_last_entry(connect, home):
    path = home / ".gemini/settings.json"
    put(path, "{\n}\n")
    connect("gemini-cli", "--write")
    put(path, path.read_text().replace("{", '{\n  "theme": "dark",', 1))
    assert connect("gemini-cli", "--remove").code == 0
    assert read(path) == {"theme": "dark"}


def test_a_comment_that_ends_in_a_line_swallows_nothing(connect, home):
    path = home / BY_NAME["zed"].file
    put(path, "{ // mine\n}\n")
    connect("zed", "--write")
    entry = parse_json(path.read_text(), "written", strict=False).value["context_servers"]
    put(path, f'{{ // mine\n"context_servers": {json.dumps(entry)}, "a": 1}}\n')
    assert connect("zed", "--remove").code == 0
    assert parse_json(path.read_text(), "left", strict=False).value == {"a": 1}
    put(path, "{ // mine\n}\n")
    connect("zed", "--write")
    put(path, f'{{ // mine\n"context_servers": {json.dumps(entry)}}}\n')
    assert connect("zed", "--remove").code == 0
    assert parse_json(path.read_text(), "left", strict=False).value == {}


@pytest.mark.parametrize(
    "added",
    [
        "startup_timeout_sec = 20\n",
        '\n[mcp_servers.sage.tools.search_memory]\napproval_mode = "approve"\n',
        "\n[mcp_servers.sage.env]\nA = '1'\n\n[tui]\nx = 1\n",
    ],
)
def test_a_table_that_was_extended_stays_whole_and_is_named(connect, home, added):
    path = home / ".codex/config.toml"
    put(path, 'model = "o5"\n\n[features]\na = true\n')
    connect("codex", "--write")
    written = path.read_text()
    put(path, written + added)
    assert "already contains a table [mcp_servers.sage]" in connect("codex", "--write").err
    for _ in "12":
        outcome = connect("codex", "--remove")
        assert "a table [mcp_servers.sage], which was edited since Sage wrote it" in outcome.err
        assert path.read_text() == written + added
    put(path, written)
    connect("codex", "--remove")
    assert path.read_text() == 'model = "o5"\n\n[features]\na = true\n'


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[mcp_servers.sage]\n{}\n# mine\n[tui]\nx = 1\n", "# mine\n[tui]\nx = 1\n"),
        ("[tui]\nx = 1\n\n[mcp_servers.sage]\n{}\n# mine", "[tui]\nx = 1\n\n# mine"),
        ('a = """\n[mcp_servers.sage]\n"""\n[mcp_servers.sage]\n{}', None),
        ("[mcp_servers]\n\n[mcp_servers.sage]\n{}\n\n[[rules]]\nn = 1\n", None),
    ],
)
def test_what_stands_around_a_table_written_anew_stays(connect, home, text, left):
    path = home / ".codex/config.toml"
    put(path, 'model = "o5"\n')
    connect("codex", "--write")
    ((name, value),) = tomllib.loads(path.read_text())["mcp_servers"]["sage"].items()
    put(path, text.format(f"{name}   =   '{value}'"))
    wanted = tomllib.loads(path.read_text())
    del wanted["mcp_servers"]["sage"]
    assert connect("codex", "--remove").code == 0
    found = tomllib.loads(path.read_text())
    assert found | {"mcp_servers": {}} == wanted
    assert "sage" not in found.get("mcp_servers", {})
    assert left is None or path.read_text() == left


def test_a_client_whose_file_is_gone_says_so_and_is_connected_again(connect, home):
    path = home / ".claude.json"
    (home / ".claude").mkdir()
    for text in ("{}\n", ""):
        put(path, text)
        connect("claude-code", "--write", "--hooks")
        path.unlink()
        assert f"{path} no longer exists: connect it again" in connect().out
        assert connect("claude-code", "--write", "--hooks").code == 0
        assert read(path)["mcpServers"].keys() == {"sage"}
        assert connect().out.split(maxsplit=1)[1].strip() == "connected, with hooks"
        assert connect("claude-code", "--remove").code == 0
        assert not path.exists()


@pytest.mark.parametrize("name", ["claude-code", "codex"])
def test_a_client_whose_file_was_emptied_is_connected_again(connect, home, name):
    path = home / BY_NAME[name].file
    put(path, "")
    connect(name, "--write")
    written = path.read_text()
    put(path, "")
    assert connect(name, "--write").code == 0
    assert path.read_text() == written
    put(path, "")
    assert connect(name, "--remove").code == 0
    assert path.read_text() == ""


def test_what_was_put_in_is_recorded_under_names_that_every_release_reads(connect, home, data_dir):
    for client in ("codex", "cursor", "opencode"):
        put(home / BY_NAME[client].file, "")
        assert connect(client, "--write", "--hooks").code == 0
    record = json.loads((data_dir / "clients.json").read_text())
    insertions = [
        one for files in record.values() for file in files.values() for one in file["insertions"]
    ]
    assert {one["kind"] for one in insertions} == {"Entry", "Table", "OwnFile"}

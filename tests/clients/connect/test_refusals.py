"""What `sage connect` refuses: files with something else in place of a container, and options."""

import pytest

from sage.clients.connect.catalog import BY_NAME, CLIENTS
from sage.clients.connect.server import Server
from tests.clients.connect.test_files import put

ANY_SERVER = Server("http://127.0.0.1:1/mcp", needs_token=False, command=("sage",), hook=("hook",))
WRONG_TYPES = {"a list": "[]", "null": "null", "a string": '"x"', "true": "true", "a number": "1"}
WRITTEN = [one for one in CLIENTS if one.file.endswith(".json")]
HOOKED = [
    one for one in CLIENTS if one.hooks and one.hooks.file.endswith(("settings.json", "hooks.json"))
]


@pytest.mark.parametrize("client", WRITTEN, ids=lambda one: one.name)
def test_a_file_in_which_the_servers_are_no_object_is_refused(connect, home, client):
    (member,) = {one.path[0] for one in client.mcp(ANY_SERVER, client.stdio)}
    for kind, value in WRONG_TYPES.items():
        text = f'{{\n  "{member}": {value}\n}}'
        put(home / client.file, text)
        outcome = connect(client.name, "--write")
        place = f"{member} (at line 2, column {len(member) + 7})"
        assert f"{home / client.file} must have an object as {place}, not {kind}" in outcome.err
        assert outcome.code == 2
        assert (home / client.file).read_text() == text
    put(home / client.file, "[]")
    assert "an object as its top level (at line 1, column 1)" in connect(client.name, "--write").err


@pytest.mark.parametrize("client", HOOKED, ids=lambda one: one.name)
def test_nothing_is_written_where_the_hooks_are_of_another_type(connect, home, data_dir, client):
    event = next(one.path[1] for one in client.hooks.edits(ANY_SERVER) if len(one.path) > 1)
    wrong = {
        '{"hooks": []}': "an object as hooks (",
        f'{{"hooks": {{"{event}": {{}}}}}}': "a list as",
    }
    for text, problem in wrong.items():
        put(home / client.file, "" if client.file.endswith("toml") else "{}")
        put(home / client.hooks.file, text)
        before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
        outcome = connect(client.name, "--write", "--hooks")
        assert outcome.code == 2
        assert problem in outcome.err
        assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
        assert not [*data_dir.iterdir()]


def test_inputs_of_vscode_that_are_no_list_are_refused(connect, home, monkeypatch):
    monkeypatch.setenv("SAGE_TOKEN", "t" * 40)
    put(home / BY_NAME["vscode"].file, '{"inputs": {}}')
    outcome = connect("vscode", "--write")
    assert outcome.code == 2
    assert "must have a list as inputs (at line 1, column 12), not an object" in outcome.err


@pytest.mark.parametrize("text", ["mcp_servers = []\n", "mcp_servers = 1\n", "[[mcp_servers]]\n"])
def test_servers_of_codex_that_are_no_table_are_refused(connect, home, text):
    path = home / ".codex/config.toml"
    put(path, text)
    outcome = connect("codex", "--write")
    assert outcome.code == 2
    assert f"{path} must have a table as mcp_servers, not a" in outcome.err
    assert path.read_text() == text


@pytest.mark.parametrize("option", ["--write", "--hooks", "--scope=user"])
def test_an_option_without_a_client_is_refused(connect, option):
    outcome = connect(option)
    assert outcome.code == 2
    assert "CLIENT is missing" in outcome.err
    assert "claude-code, codex" in outcome.err


@pytest.mark.parametrize("option", ["--write", "--hooks", "--transport=stdio", "--scope=project"])
def test_remove_goes_with_no_other_option(connect, home, option):
    claude = home / ".claude.json"
    put(claude, "{}\n")
    connect("claude-code", "--write")
    before = claude.read_bytes()
    outcome = connect("claude-code", "--remove", option)
    assert outcome.code == 2
    assert f"{option.partition('=')[0]} cannot be combined with --remove" in outcome.err
    assert claude.read_bytes() == before


def test_a_link_that_leads_out_of_the_project_is_not_followed(connect, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mcp.json").write_text("{}")
    (tmp_path / "project/.mcp.json").symlink_to(elsewhere / "mcp.json")
    (tmp_path / "project/.claude").symlink_to(elsewhere)
    (tmp_path / "project/.cursor").symlink_to(elsewhere)
    for argv in (("claude-code",), ("claude-code", "--hooks"), ("cursor",)):
        outcome = connect(*argv, "--scope", "project", "--write")
        assert outcome.code == 2
        assert "is a link to a file outside of the project" in outcome.err
    (tmp_path / "project/.mcp.json").unlink()
    outcome = connect("claude-code", "--hooks", "--scope", "project", "--write")
    assert "is a link to a file outside of the project" in outcome.err
    assert [path.name for path in elsewhere.iterdir()] == ["mcp.json"]
    assert (elsewhere / "mcp.json").read_text() == "{}"

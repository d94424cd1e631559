import json
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from tests.clients.connect.test_files import put
from tests.support.ports import free_port

TOKEN = "t" * 40


@pytest.fixture
def claude(home):
    path = home / ".claude.json"
    put(path, '{\n  "theme": "dark"\n}\n')
    (home / ".claude").mkdir()
    return path


def test_nothing_is_written_unless_asked_for(connect, claude, data_dir):
    before = claude.read_bytes()
    outcome = connect("claude-code", "--hooks")
    assert outcome.code == 0
    assert "+" in outcome.out
    assert "mcpServers" in outcome.out
    assert "--write" in outcome.err
    assert claude.read_bytes() == before
    assert not (claude.parent / ".claude/settings.json").exists()
    assert not [*data_dir.iterdir()]


@pytest.mark.usefixtures("claude")
def test_alone_it_lists_the_clients_of_this_machine_with_their_state(connect, home):
    (home / ".codex").mkdir()
    connect("claude-code", "--write", "--hooks")
    assert connect().out.splitlines() == [
        "claude-code  connected, with hooks",
        "codex        not connected; to change: ~/.codex/config.toml, ~/.codex/hooks.json",
    ]


@pytest.mark.usefixtures("claude")
def test_alone_it_names_the_clients_that_call_what_was_moved_away(connect, home, data_dir):
    (home / ".codex").mkdir()
    (home / ".gemini").mkdir()
    connect("claude-code", "--write", "--hooks")
    connect("codex", "--write", "--transport", "stdio")
    connect("gemini-cli", "--write", "--transport", "stdio")
    codex = tomllib.loads((home / ".codex/config.toml").read_text())
    program = Path(codex["mcp_servers"]["sage"]["command"])
    launcher = data_dir / "bin/sage-hook"
    launcher.write_text(launcher.read_text().replace(sys.executable, "/gone/python"))
    journal = data_dir / "clients.json"
    journal.write_text(journal.read_text().replace(str(program), "/gone/sage"))
    lines = [line.partition(";")[0] for line in connect().out.splitlines()]
    assert lines == [
        "claude-code  connected, with hooks, but /gone/python no longer exists: restart Sage",
        "codex        connected, but /gone/sage no longer exists: connect it again",
        "gemini-cli   connected, but /gone/sage no longer exists: connect it again",
    ]
    launcher.unlink()
    assert f"{launcher} no longer exists: connect it again" in connect().out


@pytest.mark.usefixtures("claude")
def test_alone_it_names_the_clients_that_call_another_address(connect, home, monkeypatch):
    port = free_port()
    monkeypatch.setenv("MCP_SERVER_PORT", str(port))
    for folder in (".codex", ".gemini", ".qwen"):
        (home / folder).mkdir()
    connect("claude-code", "--write", "--hooks")
    connect("codex", "--write")
    connect("gemini-cli", "--write")
    connect("qwen-code", "--write", "--transport", "stdio")
    assert "one of them" not in connect().err
    monkeypatch.setenv("MCP_SERVER_PORT", "18123")
    here, there = (f"http://127.0.0.1:{one}/mcp" for one in (18123, port))
    moved = f"but to {there}, not {here}: connect it again"
    outcome = connect()
    assert [line.partition(";")[0] for line in outcome.out.splitlines()] == [
        f"claude-code  connected, with hooks, {moved}",
        f"codex        connected, {moved}",
        f"gemini-cli   connected, {moved}",
        "qwen-code    connected",
    ]
    assert "one of them" in outcome.err
    connect("codex", "--write")
    assert f"codex        connected, {moved}" not in connect().out
    assert connect("--yes").code == 0
    assert connect().out.splitlines() == [
        "claude-code  connected, with hooks",
        "codex        connected",
        "gemini-cli   connected, with hooks",
        "qwen-code    connected",
    ]


def test_without_a_client_all_are_disconnected(connect, claude, home):
    before = claude.read_text()
    (home / ".codex").mkdir()
    assert "nothing to the files of any client" in connect("--remove").out
    connect("claude-code", "--write", "--hooks")
    connect("codex", "--write")
    outcome = connect("--remove")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert [one for one in lines if "disconnected" in one] == [
        "Claude Code is disconnected",
        "Codex is disconnected",
    ]
    assert lines[-1] == "Codex is disconnected"
    assert claude.read_text() == before
    assert not [*home.glob(".codex/*"), *home.glob(".claude/*")]


def test_alone_it_names_those_it_knows_where_there_is_none(connect, data_dir):
    outcome = connect()
    assert outcome.code == 0
    assert outcome.out == ""
    assert "no client was found on this machine; supported are claude-code, codex, " in outcome.err
    assert f"sage connect generic --data-dir {data_dir}`" in " ".join(outcome.err.split())
    assert "--write" not in outcome.err


def test_a_client_that_is_not_there_gets_no_files(connect, home):
    outcome = connect("cursor", "--write")
    assert outcome.code == 2
    assert "sage: Cursor is not on this machine" in outcome.err
    assert not [*home.iterdir()]


def test_a_client_that_is_not_there_is_to_be_started_before_files_are_written(connect):
    outcome = connect("cursor")
    assert outcome.code == 0
    assert "Cursor is not on this machine: start it once, then add --write" in outcome.err


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "line 3, column 7"),
        ('{\n  "a": 1,\n}', "line 3, column 1"),
        ("{ // note\n}", "line 1, column 3"),
        ('{"a": "x', "line 1, column 7"),
        ('{"a": 1} {}', "line 1, column 10"),
        ("[1, 2", "line 1, column 6"),
        ('\ufeff{"a": tru}', "line 1, column 7"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_column(connect, claude, text, place):
    put(claude, text)
    outcome = connect("claude-code", "--write")
    assert outcome.code == 2
    assert place in outcome.err
    assert claude.read_text() == text


@pytest.mark.parametrize(
    ("text", "place"),
    [("a = 1\nb = = 2\n", "line 2, column 5"), ("[x\n", "line 1, column 3"), ('a = "x', "line 1")],
)
def test_broken_toml_is_refused_with_its_line_and_column(connect, home, text, place):
    path = home / ".codex/config.toml"
    put(path, text)
    outcome = connect("codex", "--write")
    assert outcome.code == 2
    assert place in outcome.err
    assert path.read_text() == text


def test_an_entry_that_sage_did_not_write_stays_as_it_is(connect, claude):
    text = '{"mcpServers": {"sage": {"type": "http", "url": "http://elsewhere/mcp"}}}'
    put(claude, text)
    assert connect("claude-code").code == 0
    outcome = connect("claude-code", "--write")
    assert outcome.code == 1
    assert "mcpServers.sage, which Sage did not write" in outcome.err
    assert claude.read_text() == text
    connect("claude-code", "--remove")
    assert claude.read_text() == text


def test_an_entry_that_was_changed_since_stays_and_can_still_be_removed(connect, claude):
    before = claude.read_bytes()
    connect("claude-code", "--write")
    written = claude.read_text()
    changed = json.loads(written)
    changed["mcpServers"]["sage"]["disabled"] = True
    claude.write_text(json.dumps(changed))
    for _ in "12":
        outcome = connect("claude-code", "--remove")
        assert "mcpServers.sage, which was edited since Sage wrote it" in outcome.err
        assert "Claude Code is partly disconnected\n" in outcome.out
        assert json.loads(claude.read_text()) == changed
    claude.write_text(written)
    connect("claude-code", "--remove")
    assert claude.read_bytes() == before


def test_an_entry_of_sage_follows_the_address(connect, claude, monkeypatch):
    before = claude.read_bytes()
    connect("claude-code", "--write")
    monkeypatch.setenv("MCP_SERVER_PORT", "18123")
    assert connect("claude-code", "--write").code == 0
    server = json.loads(claude.read_text())["mcpServers"]["sage"]
    assert server["url"] == "http://127.0.0.1:18123/mcp"
    connect("claude-code", "--remove")
    assert claude.read_bytes() == before


def test_the_token_is_named_and_never_written(connect, home, claude, monkeypatch):
    monkeypatch.setenv("SAGE_TOKEN", TOKEN)
    for folder in (".codex", ".cursor", ".copilot", ".gemini", ".qwen", ".config/opencode"):
        (home / folder).mkdir(parents=True)
    names = ("claude-code", "codex", "cursor", "copilot", "gemini-cli", "qwen-code", "opencode")
    for name in names:
        outcome = connect(name, "--write")
        assert outcome.code == 0
        assert TOKEN not in outcome.out + outcome.err
        assert "export SAGE_TOKEN" in outcome.out
    headers = json.loads(claude.read_text())["mcpServers"]["sage"]["headers"]
    assert headers == {"Authorization": "Bearer ${SAGE_TOKEN}"}
    codex = tomllib.loads((home / ".codex/config.toml").read_text())["mcp_servers"]["sage"]
    assert codex["bearer_token_env_var"] == "SAGE_TOKEN"
    written = [path for path in home.rglob("*") if path.is_file()]
    assert len(written) == len(names)
    assert not [path for path in written if TOKEN in path.read_text()]


@pytest.mark.usefixtures("claude")
def test_hooks_find_the_token_in_a_file_that_only_its_owner_can_read(
    connect, data_dir, monkeypatch
):
    monkeypatch.setenv("SAGE_TOKEN", TOKEN)
    connect("claude-code", "--write", "--hooks")
    holding = [p for p in data_dir.rglob("*") if p.is_file() and TOKEN in p.read_text()]
    assert [path.name for path in holding] == ["spaces.json"]
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600


@pytest.mark.usefixtures("claude")
def test_hooks_of_a_sage_on_this_data_directory_are_not_given_the_token_of_the_server(
    connect, data_dir, monkeypatch
):
    monkeypatch.setenv("SAGE_TOKEN", TOKEN)
    (data_dir / "postgres").mkdir()
    assert connect("claude-code", "--write", "--hooks").code == 0
    assert not [p for p in data_dir.rglob("*") if p.is_file() and TOKEN in p.read_text()]


@pytest.mark.parametrize("hooks", [(), ("--hooks",)])
def test_a_client_can_be_connected_before_sage_ever_ran(connect, claude, data_dir, hooks):
    before = claude.read_bytes()
    data_dir.rmdir()
    outcome = connect("claude-code", "--write", *hooks)
    assert outcome.code == 0, outcome.err
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert connect("claude-code", "--remove").code == 0
    assert claude.read_bytes() == before


def test_nothing_is_put_in_that_cannot_be_recorded(connect, claude, data_dir):
    before = claude.read_bytes()
    (data_dir / "clients.json").mkdir()
    outcome = connect("claude-code", "--write")
    assert outcome.code != 0
    assert "unexpected" not in outcome.err
    assert claude.read_bytes() == before


def test_a_copy_of_the_file_is_kept_for_its_owner_alone(connect, claude, data_dir):
    before = claude.read_bytes()
    outcome = connect("claude-code", "--write")
    (copy,) = (data_dir / "client-backups").iterdir()
    assert copy.read_bytes() == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert str(copy.parent) in outcome.out


def test_of_the_copies_of_a_file_five_are_kept(connect, claude, data_dir):
    for number in range(4):
        connect("claude-code", "--write")
        claude.write_text(claude.read_text().replace("{", f'{{"key{number}": 1,', 1))
        last = claude.read_bytes()
        connect("claude-code", "--remove")
    copies = sorted((data_dir / "client-backups").iterdir())
    assert len(copies) == 5
    assert copies[-1].read_bytes() == last


def test_the_mode_of_a_file_stays_and_a_new_one_is_private(connect, claude):
    claude.chmod(0o644)
    connect("claude-code", "--write", "--hooks")
    assert stat.S_IMODE(claude.stat().st_mode) == 0o644
    settings = claude.parent / ".claude/settings.json"
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


def test_a_link_stays_a_link(connect, claude, tmp_path):
    target = tmp_path / "dotfiles/claude.json"
    put(target, claude.read_text())
    claude.unlink()
    claude.symlink_to(target)
    connect("claude-code", "--write")
    assert claude.is_symlink()
    assert "mcpServers" in target.read_text()
    connect("claude-code", "--remove")
    assert claude.is_symlink()
    assert target.read_text() == '{\n  "theme": "dark"\n}\n'


def test_a_client_can_start_sage_itself(connect, claude, data_dir):
    connect("claude-code", "--write", "--transport", "stdio")
    server = json.loads(claude.read_text())["mcpServers"]["sage"]
    assert server["type"] == "stdio"
    assert server["args"] == ["mcp", "--data-dir", str(data_dir)]
    assert server["command"].startswith("/")


def test_the_files_of_a_project_are_written_instead(connect, claude, home):
    before = claude.read_bytes()
    outcome = connect("claude-code", "--write", "--hooks", "--scope", "project")
    assert outcome.code == 0
    assert claude.read_bytes() == before
    assert sorted(str(p) for p in home.parent.joinpath("project").rglob("*") if p.is_file()) == [
        str(home.parent / "project/.claude/settings.local.json"),
        str(home.parent / "project/.mcp.json"),
    ]
    connect("claude-code", "--remove")
    assert not [p for p in home.parent.joinpath("project").rglob("*") if p.is_file()]


def test_a_client_without_a_file_is_told_what_to_paste(connect):
    outcome = connect("generic")
    assert json.loads(outcome.out) == {
        "mcpServers": {"sage": {"url": "http://127.0.0.1:17800/mcp"}}
    }


def test_cherry_studio_is_told_what_to_paste_in_its_own_words(connect, monkeypatch):
    monkeypatch.setenv("SAGE_TOKEN", "t" * 40)
    (entry,) = json.loads(connect("cherry-studio").out)["mcpServers"].values()
    assert (entry["type"], entry["baseUrl"]) == ("streamableHttp", "http://127.0.0.1:17800/mcp")
    assert entry["headers"] == {"Authorization": "Bearer <SAGE_TOKEN>"}
    refused = connect("cherry-studio", "--hooks")
    assert (refused.code, refused.out) == (2, "")
    assert "does not support hooks" in refused.err


def test_a_client_without_hooks_says_so(connect, home):
    (home / ".config/zed").mkdir(parents=True)
    outcome = connect("zed", "--hooks", "--write")
    assert outcome.code == 2
    assert "does not support hooks" in outcome.err


def test_two_clients_share_a_file_of_hooks(connect, home):
    (home / ".copilot").mkdir()
    (home / ".config/Code/User").mkdir(parents=True)
    shared = home / ".copilot/hooks/sage.json"
    connect("copilot", "--write", "--hooks")
    connect("vscode", "--write", "--hooks")
    connect("copilot", "--remove")
    assert "sage-hook" in shared.read_text()
    connect("vscode", "--remove")
    assert not shared.parent.exists()


def test_folders_that_were_made_go_once_they_are_empty(connect, home):
    (home / ".config/opencode").mkdir(parents=True)
    connect("opencode", "--write", "--hooks")
    plugins = home / ".config/opencode/plugin"
    other = plugins / "other.js"
    other.write_text("")
    connect("opencode", "--remove")
    assert [*plugins.iterdir()] == [other]
    other.unlink()
    connect("opencode", "--write", "--hooks")
    connect("opencode", "--remove")
    assert plugins.is_dir()  # by now it is somebody else's
    plugins.rmdir()
    connect("opencode", "--write", "--hooks")
    connect("opencode", "--remove")
    assert [*home.rglob("*")] == [home / ".config", home / ".config/opencode"]


def test_removing_what_was_never_put_in_says_so(connect):
    outcome = connect("codex", "--remove")
    assert outcome.code == 0
    assert "nothing" in outcome.out

"""Clients whose files a variable of theirs has moved out of the home directory."""

import pytest

MOVED = {
    "claude-code": ("CLAUDE_CONFIG_DIR", [".claude.json", "settings.json"]),
    "codex": ("CODEX_HOME", ["config.toml", "hooks.json"]),
    "copilot": ("COPILOT_HOME", ["hooks/sage.json", "mcp-config.json"]),
    "gemini-cli": ("GEMINI_CLI_HOME", [".gemini/settings.json"]),
    "qwen-code": ("QWEN_HOME", ["settings.json"]),
    "opencode": ("XDG_CONFIG_HOME", ["opencode/opencode.json", "opencode/plugin/sage.js"]),
}
FOLDERS = {"gemini-cli": ".gemini", "opencode": "opencode"}


def files_below(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


@pytest.mark.parametrize("client", MOVED)
def test_the_files_of_a_client_are_written_where_it_reads_them(
    connect, home, tmp_path, monkeypatch, client
):
    variable, files = MOVED[client]
    moved = tmp_path / "moved"
    (moved / FOLDERS.get(client, "")).mkdir(parents=True)
    assert client not in connect().out
    monkeypatch.setenv(variable, str(moved))
    assert f"{client}  not connected" in connect().out
    assert connect(client, "--hooks", "--write").code == 0
    assert files_below(moved) == files
    assert files_below(home) == []
    assert connect(client, "--hooks", "--write").out.startswith("nothing to change")
    monkeypatch.delenv(variable)  # what was put in is on record
    assert connect(client, "--remove").code == 0
    assert files_below(moved) == []


def test_the_files_of_a_project_stay_in_it(connect, home, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "moved"))
    assert connect("codex", "--scope", "project", "--write").code == 0
    assert (tmp_path / "project/.codex/config.toml").is_file()
    assert not (tmp_path / "moved").exists()
    assert files_below(home) == []

"""The plugins in integrations/: they do what `sage connect --hooks` does, on any machine."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib

import pytest

from sage import __version__
from tests.architecture.sources import ROOT
from tests.clients.connect.rendering import copied_tree, render

FOLDER = ROOT / "integrations"
SETTINGS = {
    "claude-code": ".claude/settings.json",
    "codex": ".codex/hooks.json",
    "gemini-cli": ".gemini/settings.json",
}
MOVED_BY = {
    "claude-code": ("CLAUDE_CONFIG_DIR", ""),
    "codex": ("CODEX_HOME", ""),
    "gemini-cli": ("GEMINI_CLI_HOME", ".gemini"),
}
ROOTS = {
    "claude-code": "${CLAUDE_PLUGIN_ROOT}",
    "codex": "${PLUGIN_ROOT}",
    "gemini-cli": "${extensionPath}",
}
every_client = pytest.mark.parametrize("client", SETTINGS)
ADDRESS = "http://127.0.0.1:17800/mcp"


def read(path):
    return json.loads(path.read_text())


@pytest.fixture
def tree(tmp_path):
    return copied_tree(tmp_path / "tree")


def test_the_plugins_are_what_would_be_made_of_sage_connect():
    assert render(ROOT).stdout == ""


def test_a_plugin_of_another_release_or_with_other_hooks_is_named_and_made_anew(tree):
    (tree / "sage/__init__.py").write_text('__version__ = "9.9.9"\n')
    entries = tree / "sage/clients/connect/hook_entries.py"
    entries.write_text(entries.read_text().replace('"stop"', '"halt"'))
    stale = render(tree)
    assert stale.returncode == 1
    named = re.findall(r"^integrations/(\S+) is stale", stale.stdout, re.MULTILINE)
    for name in ("claude-code/hooks/hooks.json", "gemini-cli/gemini-extension.json"):
        assert name in named
    assert render(tree, "--write").returncode == 0
    assert render(tree).stdout == ""
    assert read(tree / "integrations/codex/.codex-plugin/plugin.json")["version"] == "9.9.9"


@every_client
def test_a_plugin_has_the_events_arguments_and_timeouts_that_connect_writes(connect, home, client):
    settings = home / SETTINGS[client]
    settings.parent.mkdir()
    assert connect(client, "--write", "--hooks").code == 0
    text = json.dumps(read(FOLDER / client / "hooks/hooks.json")["hooks"])
    script = json.dumps(f'"{ROOTS[client]}/hooks/sage-hook"')[1:-1]
    written = read(settings)["hooks"]
    command = written["SessionStart"][0]["hooks"][0]["command"]
    launcher = json.dumps(command.removesuffix(f" start --client {client}"))[1:-1]
    assert script in text
    assert json.loads(text.replace(script, launcher)) == written


def test_a_plugin_has_the_server_that_connect_writes(connect, home, monkeypatch):
    (home / ".codex").mkdir()
    connect("codex", "--write")
    codex = tomllib.loads((home / ".codex/config.toml").read_text())["mcp_servers"]
    assert read(FOLDER / "codex/.mcp.json") == {"mcpServers": codex}
    monkeypatch.setenv("SAGE_TOKEN", "t" * 40)
    for client in ("claude-code", "gemini-cli"):
        (home / SETTINGS[client]).parent.mkdir()
        connect(client, "--write")
    text = (FOLDER / "claude-code/.mcp.json").read_text()
    text = text.replace("${SAGE_TOKEN:-}", "${SAGE_TOKEN}").replace(
        f"${{SAGE_URL:-{ADDRESS}}}", ADDRESS
    )
    assert json.loads(text) == read(home / ".claude.json")
    gemini = read(FOLDER / "gemini-cli/gemini-extension.json")["mcpServers"]
    assert gemini == read(home / ".gemini/settings.json")["mcpServers"]


def test_the_plugins_have_the_version_of_sage():
    names = (
        "claude-code/.claude-plugin/plugin.json",
        "codex/.codex-plugin/plugin.json",
        "gemini-cli/gemini-extension.json",
    )
    assert {read(FOLDER / name)["version"].replace("-", ".") for name in names} == {__version__}


@pytest.fixture
def call(home, tmp_path):
    """Run a hook of a plugin, as a client does; return its exit code and its output."""

    def run(client, event, **environ):
        root = tmp_path / "a plugin"
        shutil.copytree(FOLDER / client, root, dirs_exist_ok=True)
        hooks = read(root / "hooks/hooks.json")["hooks"]
        commands = [group[0]["hooks"][0]["command"] for group in hooks.values()]
        (command,) = (one for one in commands if f" {event} " in one)
        done = subprocess.run(
            ["/bin/sh", "-c", command.replace(ROOTS[client], str(root))],
            input='{"session_id": "s"}',
            capture_output=True,
            text=True,
            check=False,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", **environ},
        )
        return done.returncode, done.stdout + done.stderr

    return run


def put_launcher(data_dir):
    launcher = data_dir / "bin/sage-hook"
    launcher.parent.mkdir(parents=True)
    launcher.write_text('#!/bin/sh\necho "$@" "$(cat)"\n')
    launcher.chmod(0o755)


@every_client
def test_a_hook_calls_the_launcher_of_the_data_directory(call, home, tmp_path, client):
    put_launcher(home / ".local/share/sage")
    said = f'stop --client {client} {{"session_id": "s"}}\n'
    assert call(client, "stop") == (0, said)
    (home / ".local/share/sage/bin/sage-hook").unlink()
    for variable, inner in (("SAGE_DATA_DIR", ""), ("XDG_DATA_HOME", "sage")):
        folder = tmp_path / f"my {variable}"
        put_launcher(folder / inner)
        assert call(client, "stop", **{variable: str(folder)}) == (0, said)


@every_client
def test_a_hook_calls_the_client_of_one_file_where_there_is_no_launcher(
    call, home, tmp_path, client
):
    copy = home / ".local/share/sage-client/sage-client.pyz"
    copy.parent.mkdir(parents=True)
    copy.write_text("import sys\nprint(*sys.argv[1:], sys.stdin.read())\n")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(sys.executable)
    told = call(client, "stop", PATH=f"{programs}:/usr/bin:/bin")
    assert told == (0, f'hook stop --client {client} {{"session_id": "s"}}\n')
    put_launcher(home / ".local/share/sage")
    assert call(client, "stop") == (0, f'stop --client {client} {{"session_id": "s"}}\n')


@every_client
def test_before_sage_has_run_a_session_begins_with_word_of_it_and_goes_on_in_silence(call, client):
    code, out = call(client, "start")
    assert code == 0
    assert "Sage has not run" in json.loads(out)["systemMessage"]
    assert call(client, "prompt") == (0, "")
    assert call(client, "stop") == (0, "")


@every_client
def test_a_hook_with_nothing_to_call_waits_for_no_end_of_its_client(home, client):
    began = time.monotonic()
    command = ["/bin/sh", FOLDER / client / "hooks/sage-hook", "stop", "--client", client]
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0, env=environ) as process:
        process.stdin.write(b"x" * 1_000_000)  # a closed pipe would end the client
        assert process.wait(5) == 0
        assert time.monotonic() - began < 3


@every_client
def test_a_hook_stands_down_where_connect_has_set_up_the_same(call, connect, home, client):
    put_launcher(home / ".local/share/sage")
    settings = home / SETTINGS[client]
    settings.parent.mkdir()
    connect(client, "--write", "--hooks")
    assert shlex.split(read(settings)["hooks"]["SessionStart"][0]["hooks"][0]["command"])[1:] == [
        *("start", "--client", client)
    ]
    assert call(client, "start") == (0, "")
    connect(client, "--remove")
    assert call(client, "start")[1].startswith("start --client")


@every_client
def test_a_hook_stands_down_where_the_client_of_one_file_has_set_up_the_same(
    call, connect, home, client
):
    settings = home / SETTINGS[client]
    settings.parent.mkdir()
    connect(client, "--write", "--hooks")
    text = settings.read_text()
    command = read(settings)["hooks"]["SessionStart"][0]["hooks"][0]["command"]
    launcher = command.removesuffix(f" start --client {client}")
    for folder in ("sage-client", "my sage client"):
        words = ("/bin/sh", "-c", '"$0" "$@"', "python3", f"/data/{folder}/sage-client.pyz", "hook")
        called = json.dumps(shlex.join(words))[1:-1]
        settings.write_text(text.replace(json.dumps(launcher)[1:-1], called))
        assert call(client, "start") == (0, "")


@every_client
def test_a_hook_stands_down_where_a_variable_of_its_client_moves_the_file(
    call, connect, home, client, monkeypatch
):
    put_launcher(home / ".local/share/sage")
    variable, inner = MOVED_BY[client]
    moved = home.parent / "moved"
    (moved / inner).mkdir(parents=True)
    monkeypatch.setenv(variable, str(moved))
    connect(client, "--write", "--hooks")
    assert call(client, "start", **{variable: str(moved)}) == (0, "")
    assert call(client, "start")[1].startswith("start --client")

"""Whatever stands in a configuration file: what Sage puts in can be taken out to the byte."""

import json
import tomllib

import pytest

from sage.clients.connect.catalog import BY_NAME, CLIENTS
from tests.clients.connect.configurations import STRICT, TOML, WITH_COMMENTS, variants

JSON_CLIENTS = [one for one in CLIENTS if one.file.endswith(".json")]
WRITTEN = [one for one in CLIENTS if one.file]
HOOKED = [
    one for one in WRITTEN if one.hooks and one.hooks.file.endswith(("settings.json", "hooks.json"))
]
FAMILIES = ("claude-code", "codex", "gemini-cli")
"""The clients whose files are all tried: of the others, which are read alike, a third."""


def named(client):
    return client.name


def samples(client, files):
    """Return the files to try with a client, 30 at least."""
    made = variants(files)
    if client.name not in FAMILIES:
        made = dict([*made.items()][::3])
    assert len(made) >= 30
    return made


def json_files(*, strict):
    return STRICT if strict else STRICT | WITH_COMMENTS


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def in_one_file(client):
    """Return the option for hooks where they stand in the same file as the server."""
    return ["--hooks"] if client.hooks and client.hooks.file == client.file else []


@pytest.mark.parametrize("client", WRITTEN, ids=named)
def test_what_was_written_is_removed_to_the_byte(client, connect, home):
    path = home / client.file
    files = TOML if client.file.endswith(".toml") else json_files(strict=client.strict)
    for name, text in samples(client, files).items():
        put(path, text)
        written = connect(client.name, "--write", *in_one_file(client))
        assert written.code == 0, (name, written.err)
        once = path.read_bytes()
        assert once != text.encode(), name
        again = connect(client.name, "--write", *in_one_file(client))
        assert "nothing to change" in again.out, name
        assert path.read_bytes() == once, name
        removed = connect(client.name, "--remove")
        assert removed.code == 0, (name, removed.err)
        assert path.read_bytes() == text.encode(), name


@pytest.mark.parametrize("client", HOOKED, ids=named)
def test_hooks_beside_all_kinds_of_hooks_are_removed_to_the_byte(client, connect, home):
    path = home / client.hooks.file
    for name, text in samples(client, json_files(strict=client.hooks.strict)).items():
        put(home / client.file, "" if client.file.endswith("toml") else "{}\n")
        put(path, text)
        assert connect(client.name, "--write", "--hooks").code == 0, name
        once = path.read_bytes()
        assert once != text.encode(), name
        connect(client.name, "--write", "--hooks")
        assert path.read_bytes() == once, name
        assert connect(client.name, "--remove").code == 0, name
        assert path.read_bytes() == text.encode(), name


@pytest.mark.parametrize("client", WRITTEN, ids=named)
def test_files_that_were_not_there_are_gone_again(client, connect, home):
    (home / (client.folders or ("x",))[0]).mkdir(parents=True)
    hooks = ["--hooks"] if client.hooks else []
    assert connect(client.name, "--write", *hooks).code == 0
    assert (home / client.file).is_file()
    assert connect(client.name, "--remove").code == 0
    assert not [path for path in home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("client", JSON_CLIENTS, ids=lambda one: one.name)
def test_all_else_in_the_file_stays_in_its_order(client, connect, home):
    path = home / client.file
    text = STRICT["texts that look like code"]
    put(path, text)
    connect(client.name, "--write")
    found = json.loads(path.read_text())
    before = json.loads(text)
    (member,) = [name for name in found if found[name] != before.get(name)]
    assert "sage" in found[member]
    assert [name for name in found if name != member] == [n for n in before if n != member]


def test_what_a_client_wrote_anew_is_removed_from_it(connect, home):
    for client in HOOKED:
        path = home / client.hooks.file
        before = json.loads(STRICT["hooks of another program"])
        put(home / client.file, "" if client.file.endswith("toml") else "{}")
        put(path, json.dumps(before))
        connect(client.name, "--write", "--hooks")
        rewritten = {"new": 1} | json.loads(path.read_text())
        path.write_text(json.dumps(rewritten, indent=4, ensure_ascii=True))
        assert connect(client.name, "--remove").code == 0
        assert json.loads(path.read_text()) == {"new": 1} | before


def test_a_table_that_was_moved_is_removed(connect, home):
    path = home / ".codex/config.toml"
    put(path, 'model = "o5"\n')
    connect("codex", "--write")
    url = tomllib.loads(path.read_text())["mcp_servers"]["sage"]["url"]
    put(path, f'a = 1\n[mcp_servers.sage]\nurl="{url}"\n\n[tui]\nx = 1\n')
    connect("codex", "--remove")
    assert tomllib.loads(path.read_text()) == {"a": 1, "tui": {"x": 1}}


def test_every_client_of_the_list_is_known_by_its_name():
    assert [*BY_NAME] == [
        *("claude-code", "codex", "cursor", "vscode", "copilot", "claude-desktop"),
        *("gemini-cli", "opencode", "qwen-code", "windsurf", "cherry-studio", "trae", "zed"),
        "generic",
    ]

"""`sage-client.pyz connect`: hooks for a Sage over the network, known by its proof or by TLS."""

import json
import os
import re
import shlex
import stat
import subprocess
from uuid import uuid4

from tests.clients.command.conftest import TOKEN
from tests.clients.command.tls import tls_in_front_of
from tests.support.each import each
from tests.support.homes_with_transcripts import write_transcripts
from tests.support.impostors import impostor
from tests.support.polling import wait_for
from tests.support.ports import free_port

FACT = "The ferry to the northern island leaves from pier nine at half past six."
ASKED = {"prompt": "From which pier does the ferry to the northern island leave?"}


def remember(machine):
    """Tell a fact through the hooks, and return what a later session is told of it."""
    turn = str(uuid4())
    assert machine.fire("start", source="startup") is None
    assert machine.fire("stop", last_assistant_message=FACT, prompt_id=turn) is None
    wait_for(lambda: machine.captured() == 1)
    told = []

    def is_recalled():
        # a busy machine may have taken its time twice, and would be left alone for a minute
        (machine.data_dir / "hooks/unanswered.json").unlink(missing_ok=True)
        answer = machine.fire("prompt", session_id=str(uuid4()), **ASKED)
        told[:] = [answer["hookSpecificOutput"]["additionalContext"]] if answer else []
        return told

    wait_for(is_recalled)
    return told[0]


def test_what_was_told_on_another_machine_is_recalled_and_remove_leaves_nothing(machine, sage_url):
    before = machine.files()
    shown = machine.run("connect", "claude-code", "--hooks", "--url", sage_url, token="")
    assert "nothing is written yet" in shown
    assert ".claude.json" in shown
    assert "pass the token to see what --write would change" in shown
    shown = machine.run(
        "connect", "claude-code", "--hooks", "--url", sage_url, token="sage_mt_of_hooks_alone"
    )
    assert ".claude.json" not in shown
    assert "pass the token" not in shown
    assert machine.files() == before
    told = machine.connect(f"{sage_url}/mcp/")
    assert "Claude Code is connected, with hooks" in told
    assert "the connection is not encrypted" in told
    machine.file.unlink()  # hooks call the lasting copy
    assert FACT in remember(machine)
    shown = [path for path, content in machine.files().items() if TOKEN.encode() in content]
    assert shown == [machine.token_file]
    assert stat.S_IMODE(machine.token_file.stat().st_mode) == 0o600
    copy = machine.data_dir / "sage-client.pyz"
    status = machine.run("status", token="", file=copy)
    assert f"{sage_url} answers in " in status
    assert "1 message, the last " in status
    told = machine.run("connect", "claude-code", "--remove", token="", file=copy)
    assert "saved memories remain on the server: `sage sessions` lists them" in told
    assert machine.files() == before
    assert not [*machine.home.rglob("sage*")]
    assert {one.name for one in machine.home.iterdir()} == {".claude", ".claude.json"}


def test_hooks_reach_a_sage_behind_tls_and_a_path_by_its_name(machine, sage_url, tmp_path):
    with tls_in_front_of(sage_url, "/memory", tmp_path) as (url, ca):
        refused = machine.connect(url, code=1)
        assert "its certificate is not trusted: self-signed certificate" in refused
        assert "fix: pass the CA certificate that signed it (PEM): --ca FILE" in refused
        assert not (machine.home / ".claude/settings.json").exists()
        assert "the connection is not encrypted" not in machine.connect(url, "--ca", ca)
        assert FACT in remember(machine)
        assert f"{url} answers in " in machine.run("status", token="")


def test_nothing_is_shown_to_a_server_that_does_not_prove_itself(machine):
    before = machine.files()
    with impostor() as other:
        url = f"http://127.0.0.1:{other.server_port}"
        told = machine.connect(url, code=1)
        assert "another program responded" in told
        assert "check the address" in told
        assert other.heard
        assert all(one.startswith("GET /api/v1/proof?") for one in other.heard)
        assert not [one for one in other.heard if TOKEN in one]
    assert "is not running" in machine.connect(f"http://127.0.0.1:{free_port()}", code=1)
    assert machine.files() == before


def test_a_token_that_does_not_open_the_server_is_refused_before_anything_is_written(
    machine, sage_url, tmp_path
):
    before = machine.files()
    with tls_in_front_of(sage_url, "", tmp_path) as (url, ca):
        told = machine.connect(url, "--ca", ca, token=f"{TOKEN}-another", code=1)
    assert "the server does not accept the token" in told
    assert "sage token create --machine NAME" in told
    told = machine.connect(sage_url, token=f"{TOKEN}-another", code=1)
    assert "if the token is wrong or was revoked, request a new one" in told
    assert "it does not speak TLS" in machine.connect(f"https{sage_url[4:]}", code=1)
    assert "--token-file is missing" in machine.connect(sage_url, token="", code=2)
    assert "--token-file contains no token" in machine.connect(
        sage_url, "--token-file", os.devnull, code=2
    )
    assert machine.files() == before


@each(
    ("words", "told"),
    [
        (("claude-code", "--url", "127.0.0.1:17800"), "begin it with http:// or https://"),
        (("claude-code", "--url", "ftp://memory"), "--url is not the address of a Sage server"),
        (
            ("claude-code", "--url", "https://a:b@memory"),
            "--url is not the address of a Sage server",
        ),
        (("claude-code",), "--url is missing"),
        (("claude-desktop", "--url", "https://memory"), "only supports local programs"),
        (("zed", "--url", "https://memory", "--hooks"), "Zed does not support hooks"),
        (("--url", "https://memory", "--write"), "CLIENT is missing"),
        (("--remove", "--hooks"), "cannot be combined with --remove"),
        (("claude-code", "--url", "https://memory", "--ca", "/no/file"), "does not exist"),
    ],
)
def test_what_does_not_fit_is_refused(machine, words, told):
    assert told in machine.run("connect", *words, code=2)


def test_a_hook_of_somebody_else_that_the_same_python_runs_stays_beside_those_of_sage(
    machine, sage_url
):
    machine.connect(sage_url)
    start = machine.hooks()["start"]
    machine.run("connect", "--remove")
    python = shlex.split(start)[3]
    own = {"hooks": [{"type": "command", "command": f"{python} -I /home/me/own_hook.py"}]}
    settings = machine.home / ".claude/settings.json"
    settings.write_text(json.dumps({"hooks": {"SessionStart": [own]}}))
    machine.connect(sage_url)
    assert machine.hooks()["start"] == start
    assert own in json.loads(settings.read_text())["hooks"]["SessionStart"]
    assert settings.read_text() != machine.run("connect", "--remove")
    assert json.loads(settings.read_text()) == {"hooks": {"SessionStart": [own]}}


def commands_of(machine, client, file):
    """Return what a client calls, as a shell reads it."""
    text = (machine.home / file).read_text()
    if client == "opencode":
        words = json.loads(re.search(r"= (\[.*\])$", text, re.MULTILINE)[1])
        return [shlex.join([*words, "prompt", "--client", client])]
    return [json.loads(f'"{one}"') for one in re.findall(r'"command": "((?:[^"\\]|\\.)*)"', text)]


def test_hooks_of_which_anything_is_gone_are_in_no_client_s_way(machine, sage_url):
    files = {
        "claude-code": ".claude/settings.json",
        "codex": ".codex/hooks.json",
        "cursor": ".cursor/hooks.json",
        "copilot": ".copilot/hooks/sage.json",
        "gemini-cli": ".gemini/settings.json",
        "opencode": ".config/opencode/plugin/sage.js",
        "qwen-code": ".qwen/settings.json",
        "windsurf": ".codeium/windsurf/hooks.json",
    }
    commands = []
    for client, file in files.items():
        (machine.home / file).parent.mkdir(parents=True, exist_ok=True)
        machine.run("connect", client, "--hooks", "--write", "--url", sage_url)
        (found, *_) = commands_of(machine, client, file)
        commands.append(found)
    python = shlex.split(commands[0])[3]
    machine.run("connect", "--remove")
    commands += [one.replace(python, "/gone/python3") for one in commands]
    for one in commands:  # a session that runs still has them
        done = subprocess.run(
            ["/bin/sh", "-c", one],
            input=b"{}",
            env={},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), one


def test_after_an_outage_a_session_and_the_status_say_that_it_is_over(machine, sage_url):
    machine.connect(sage_url)
    server = machine.data_dir / "hooks/server.json"
    known = server.read_text()
    server.write_text(json.dumps(json.loads(known) | {"port": free_port()}))
    machine.fire("stop", last_assistant_message=FACT, prompt_id=str(uuid4()))
    status_file = machine.data_dir / "hooks/status/claude-code.json"
    wait_for(lambda: "failing" in json.loads(status_file.read_text()))
    server.write_text(known)
    status = machine.run("status", code=1)
    assert re.search(r"failing +claude-code: Sage was not reachable at 2", status)
    assert "is not running" not in status
    told = machine.fire("start", source="startup")["systemMessage"]
    assert re.fullmatch(r"Sage was not reachable at \d\d:\d\d; 1 queued event is being sent", told)
    wait_for(lambda: machine.captured() == 1)
    assert "failing" not in machine.run("status")


def test_the_version_and_the_digest_stand_in_one_line(machine):
    assert re.fullmatch(r"sage-client \S+, sha256 [0-9a-f]{64}\n", machine.run("--version"))


def test_the_status_names_transcripts_that_are_deleted_soon_and_were_not_captured(
    machine, sage_url
):
    paths = write_transcripts(machine.home, machine.home / "proj", 2)
    machine.connect(sage_url)
    told = re.findall(r"transcripts +(.*)", machine.run("status"))
    assert [one.split(" within 7 days, the first on 2")[0] for one in told] == [
        "Claude Code deletes 1 of 2 transcripts",
        "Gemini CLI deletes 1 of 2 transcripts",
    ]
    assert told[0].endswith("/sage-client.pyz' import ~/.claude/projects` imports them")
    oldest = paths["claude-code"][-1]
    machine.fire("stop", session_id=oldest.stem, transcript_path=str(oldest))
    wait_for(lambda: machine.captured() == 2)
    assert [one[:10] for one in re.findall(r"transcripts +(.*)", machine.run("status"))] == [
        "Gemini CLI"
    ]

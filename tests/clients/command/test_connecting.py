"""`sage-client.pyz connect`: hooks for a Sage over the network, known by its proof or by TLS."""

import json
import stat
from uuid import uuid4

from tests.clients.command.conftest import TOKEN
from tests.clients.command.tls import tls_in_front_of
from tests.clients.hooks.test_project import git, repository
from tests.support.each import each
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
    assert machine.files() == before
    told = machine.connect(f"{sage_url}/mcp/")
    assert "Claude Code is connected, with hooks" in told
    assert "there is no TLS" in told
    machine.file.unlink()  # hooks call the lasting copy
    assert FACT in remember(machine)
    shown = [path for path, content in machine.files().items() if TOKEN.encode() in content]
    assert shown == [machine.token_file]
    assert stat.S_IMODE(machine.token_file.stat().st_mode) == 0o600
    copy = machine.data_dir / "sage-client.pyz"
    status = machine.run("status", token="", file=copy)
    assert f"{sage_url} answers in " in status
    assert "claude-code: 1 message, last " in status
    machine.run("connect", "claude-code", "--remove", token="", file=copy)
    assert machine.files() == before
    assert not [*machine.home.rglob("sage*")]


def test_a_clone_is_offered_to_be_joined_where_sage_runs(machine, sage_url):
    machine.connect(sage_url)
    folder = repository(machine.home / "zeta")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", str(uuid4()))
    git(folder.parent, "clone", "--quiet", folder, "clone")
    machine.fire("stop", cwd=str(folder), last_assistant_message=FACT, prompt_id=str(uuid4()))
    wait_for((machine.data_dir / "hooks/look-alikes.json").exists)
    offered = f"sage project merge '{folder.parent}/clone' '{folder}'"
    told = f"join it to that where Sage runs: {offered}"
    machine.wait_to_be_shown(told, cwd=str(folder.parent / "clone"))


def test_hooks_reach_a_sage_behind_tls_and_a_path_by_its_name(machine, sage_url, tmp_path):
    with tls_in_front_of(sage_url, "/memory", tmp_path) as (url, ca):
        refused = machine.connect(url, code=1)
        assert "its certificate is not trusted: self-signed certificate" in refused
        assert not (machine.home / ".claude/settings.json").exists()
        assert "there is no TLS" not in machine.connect(url, "--ca", ca)
        assert FACT in remember(machine)
        assert f"{url} answers in " in machine.run("status", token="")


def test_nothing_is_shown_to_a_server_that_does_not_prove_itself(machine):
    before = machine.files()
    with impostor() as other:
        url = f"http://127.0.0.1:{other.server_port}"
        assert "something else answers" in machine.connect(url, code=1)
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
    assert "the token is not valid there" in told
    assert "sage token create --machine NAME" in told
    assert "--token-file is missing" in machine.connect(sage_url, token="", code=2)
    assert machine.files() == before


def test_a_token_that_is_no_longer_valid_is_shown_when_a_session_begins(
    machine, sage_url, tmp_path
):
    with tls_in_front_of(sage_url, "", tmp_path) as (url, ca):
        machine.connect(url, "--ca", ca)
        machine.token_file.write_text("another-token-of-at-least-32-characters")
        machine.wait_to_be_shown("the token of this machine is not valid any more; connect again")


@each(
    ("words", "told"),
    [
        (("claude-code", "--url", "memory.example.org"), "--url is no address of a Sage"),
        (("claude-code", "--url", "ftp://memory"), "--url is no address of a Sage"),
        (("claude-code", "--url", "https://a:b@memory"), "--url is no address of a Sage"),
        (("claude-code",), "--url is missing"),
        (("claude-desktop", "--url", "https://memory"), "takes programs of this machine"),
        (("zed", "--url", "https://memory", "--hooks"), "Zed runs no hooks"),
        (("--url", "https://memory", "--write"), "CLIENT is missing"),
        (("--remove", "--hooks"), "cannot be combined with --remove"),
        (("claude-code", "--url", "https://memory", "--ca", "/no/file"), "there is no file"),
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
    python = start.partition(" ")[0]
    own = {"hooks": [{"type": "command", "command": f"{python} -I /home/me/own_hook.py"}]}
    settings = machine.home / ".claude/settings.json"
    settings.write_text(json.dumps({"hooks": {"SessionStart": [own]}}))
    machine.connect(sage_url)
    assert machine.hooks()["start"] == start
    assert own in json.loads(settings.read_text())["hooks"]["SessionStart"]
    assert settings.read_text() != machine.run("connect", "--remove")
    assert json.loads(settings.read_text()) == {"hooks": {"SessionStart": [own]}}

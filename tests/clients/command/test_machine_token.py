"""`sage token create --machine`: what it prints connects a machine, and opens nothing but hooks."""

import os
import shlex
import subprocess
import sys
from uuid import uuid4

import pytest

from sage.cli.main import main
from tests.clients.command.conftest import TOKEN, Machine
from tests.clients.hooks.conftest import context
from tests.clients.hooks.test_project import git, repository
from tests.support import plain_http
from tests.support.homes_with_transcripts import write_transcripts
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.serving import serving, settings_for

DECIDED = "We decided to use RabbitMQ for the queue of the herons."


@pytest.fixture
def url(postgres_dsn, tmp_path):
    """Serve a Sage at a port that its command line knows."""
    port = free_port()
    settings = settings_for(postgres_dsn, tmp_path / "data", token=TOKEN, port=port)
    with serving(settings, port=port) as served:
        yield served


@pytest.fixture
def create(url, postgres_dsn, tmp_path, monkeypatch, capsys):
    """Create a token; return it and the lines that go with it."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("MCP_SERVER_PORT", url.rpartition(":")[2])
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*words):
        assert main(["token", "create", "--data-dir", str(tmp_path / "data"), *words]) == 0
        told = capsys.readouterr()
        return told.out.strip(), told.err.splitlines()

    return run


def run_line(line, machine, token):
    """Run a line in the shell of a machine that has a Python and curl."""
    programs = machine.file.parent / "programs"
    programs.mkdir(exist_ok=True)
    if not (programs / "python3").exists():
        (programs / "python3").symlink_to(sys.executable)
    return subprocess.run(
        ["/bin/sh", "-c", line],
        env={
            "HOME": str(machine.home),
            "PATH": f"{programs}{os.pathsep}{os.defpath}",
            "SAGE_TOKEN": token,
        },
        cwd=machine.file.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_line_that_is_printed_sets_up_the_hooks_and_no_tools(machine, create, url):
    token, told = create("--machine", "laptop")
    assert "it gives access to default:hooks and does not expire" in told
    (alone,) = [one for one in told if "for others, set SAGE_PUBLIC_URL" in one]
    assert "and restart Sage (docs/reverse-proxy.md)" in alone
    machine.file.unlink()
    line = told[-1].strip()
    changed = run_line(line.replace("hexdigest() != '", "hexdigest() != 'f"), machine, token)
    assert changed.returncode == 1
    assert "sage-client.pyz is not the one of this Sage, and is removed" in changed.stderr
    assert not machine.file.exists()
    assert not (machine.home / ".claude/settings.json").exists()
    write_transcripts(machine.home, machine.home, 2)
    done = run_line(f"{line} --yes", machine, token)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" is connected, with hooks\n") == 5
    assert done.stdout.count(": 4 messages, 4 imported\n") == 5
    assert "the token is only valid for hooks and imports" in done.stderr
    machine.run("import", "--undo", "last", token="")
    assert (machine.home / ".claude.json").read_text() == '{"numStartups": 1}'
    machine.fire("stop", last_assistant_message="Herons nest by the mill.", prompt_id="p")
    wait_for(lambda: machine.captured() == 1)
    shown = {"authorization": f"Bearer {TOKEN}"}
    (kept,) = plain_http.get(f"{url}/api/v1/memories", headers=shown).json()["memories"]
    assert kept.get("author") is None, "it is the owner's, as what is saved with SAGE_TOKEN"
    assert "--hooks is missing" in machine.run(
        "connect", "codex", "--write", "--url", url, token=token, code=2
    )


def test_the_same_project_on_another_machine_is_offered_once_and_joined_from_there(
    machine, create, url, archive, tmp_path
):
    (tmp_path / "second").mkdir()
    second = Machine(tmp_path / "second", archive)
    for one, name in ((machine, "laptop"), (second, "desktop")):
        one.connect(url, token=create("--machine", name)[0])
    folder = repository(machine.home / "zeta")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", str(uuid4()))
    git(second.home, "clone", "--quiet", folder, "zeta")
    messages = [{"id": str(uuid4()), "role": "user", "text": DECIDED}]
    machine.fire("stop", cwd=str(folder), messages=messages)
    wait_for((machine.data_dir / "hooks/look-alikes.json").exists)
    shown = []

    def begun():
        started = {"source": "startup", "session_id": str(uuid4()), "cwd": f"{second.home}/zeta"}
        return second.fire("start", **started)

    def is_offered():
        shown.append((begun() or {}).get("systemMessage", ""))
        return "looks like the project" in shown[-1]

    wait_for(is_offered)
    assert not is_offered()
    offer = shown[-2].partition(f"looks like the project {folder}. If it is, merge it: ")[2]
    _, copy, *words = shlex.split(offer)
    copied = {"file": copy, "token": ""}
    told = second.run(*words, **copied)
    assert f"zeta now belongs to {folder}" in told
    assert "belongs to" in second.run(*words, **copied)
    wait_for(lambda: DECIDED in context(begun()))
    assert "of its own again" in second.run(*words, "--undo", **copied)
    refused = second.run("project", "merge", "zeta-x", "/no/such", **copied, code=1)
    assert "project '/no/such' does not exist" in refused
    assert "`sage project merge zeta-x /no/such`" in refused
    refused = second.run("project", "merge", "zeta-x", f"/{'z' * 256}", **copied, code=1)
    assert "project '/zzz" in refused  # though no folder here can be called so


def test_machines_without_a_user_are_one_person_with_the_owner_and_those_with_one_are_another(
    machine, create, url, archive, tmp_path
):
    (tmp_path / "second").mkdir()
    second = Machine(tmp_path / "second", archive)
    token, told = create("--machine", "laptop")
    assert (
        "it is for one of your own machines, like SAGE_TOKEN; for those of other users, pass --user"
        in told
    )
    machine.connect(url, token=TOKEN)
    second.connect(url, token=token)
    wish, fact = "From now on answer me in French.", "The heron server is heron-7."
    messages = [{"id": str(uuid4()), "role": "user", "text": one} for one in (wish, fact)]
    second.fire("stop", messages=messages)

    def told_at(one):
        begun = one.fire("start", source="startup", session_id=str(uuid4()), cwd="/src/other")
        return context(begun)

    wait_for(lambda: "answer me in French" in told_at(machine))
    assert "another member" not in told_at(machine)
    for name in ("anna", "bert"):
        assert main(["user", "add", name, "--data-dir", str(tmp_path / "data")]) == 0
    create("--machine", "tower", "--user", "bert")
    printed, told = create("--machine", "desk", "--user", "anna")
    assert not any("of yours" in line for line in told)
    (tmp_path / "third").mkdir()
    third = Machine(tmp_path / "third", archive)
    third.connect(url, token=printed.split()[-1])
    assert "French" not in told_at(third)


def test_the_token_of_a_machine_opens_hooks_and_nothing_else(create, url):
    token, _ = create("--machine", "laptop")
    shown = {"authorization": f"Bearer {token}"}
    asked = {"client": "codex", "event": "prompt", "query": "Where do herons nest?"}
    answer = plain_http.post(f"{url}/api/v1/hooks/recall", json=asked, headers=shown)
    assert answer.status_code == 200
    for method, path in (
        ("POST", "/mcp"),
        ("POST", "/api/v1/search"),
        ("GET", "/api/v1/memories"),
        ("GET", "/api/v1/stats"),
        ("POST", "/api/v1/hooks"),
        ("POST", "/api/v1/hooks/../search"),
        ("POST", "/search"),
        ("GET", "/health/detailed"),
        ("GET", "/metrics"),
    ):
        refused = plain_http.request(method, f"{url}{path}", json={}, headers=shown)
        assert refused.status_code == 403, (path, refused.status_code)


def test_a_machine_forgets_what_it_captured_of_a_session_and_nothing_else(
    machine, create, url, monkeypatch
):
    token, _ = create("--machine", "laptop")
    shown = {"authorization": f"Bearer {TOKEN}"}
    bert, _ = create("--space", "default", "--name", "bert")
    machine.connect(url, token=token)
    monkeypatch.chdir(machine.home)
    machine.fire("stop", last_assistant_message="Herons nest by the mill.", prompt_id="p")
    wait_for(lambda: machine.captured() == 1)
    other = {"session_id": "claude-code:s", "role": "user", "content": "Of somebody else."}
    body = {"client": "claude-code", "memories": [other]}
    theirs = {"authorization": f"Bearer {bert}"}
    plain_http.post(f"{url}/api/v1/hooks/capture", json=body, headers=theirs).raise_for_status()

    def kept():
        found = plain_http.get(f"{url}/api/v1/memories", headers=shown).json()["memories"]
        return sorted(one["content"] for one in found)

    told = machine.run("forget", "--this-session", token="")
    assert f"the session of Claude Code in {machine.home}, last active " in told
    assert "forgot 1 message of it; the rest of it is not captured" in told
    assert kept() == ["Of somebody else."]
    machine.fire("stop", last_assistant_message="Herons are grey.", prompt_id="q")
    wait_for(lambda: not list((machine.data_dir / "hooks/spool").glob("*.json")))
    assert "restored 1 message" in machine.run("forget", "--undo", token="")
    assert kept() == ["Herons nest by the mill.", "Of somebody else."]

"""`sage connect --url`: an installed Sage connects clients to a Sage elsewhere."""

from functools import partial

import pytest

from tests.architecture.sources import INSTALLED


@pytest.fixture
def connect(machine):
    """`sage connect` of an installation, on a machine that has nothing else of Sage."""
    machine.file.unlink()
    machine.environ["PYTHONPATH"] = str(INSTALLED)
    return partial(machine.run, "sage", "connect", file="-m")


def test_a_client_is_shown_connected_and_disconnected(connect, machine, sage_url):
    before = machine.files()
    shown = connect("claude-code", "--hooks", "--url", sage_url)
    assert "nothing is written yet" in shown
    assert machine.files() == before
    told = connect("claude-code", "--hooks", "--write", "--url", sage_url)
    assert "Claude Code is connected, with hooks" in told
    copy = machine.data_dir / "sage-client.pyz"
    assert f"{sage_url} answers in " in machine.run("status", token="", file=copy)
    machine.fire("start", source="startup", session_id="one")
    connect("claude-code", "--remove", "--url", sage_url)
    assert machine.files() == before


def test_all_clients_are_connected_at_once_and_not_without_consent(connect, machine, sage_url):
    listed = connect("--url", sage_url, token="")
    command = f"`python3 '{machine.data_dir}/sage-client.pyz' connect"
    assert f"{command} CLIENT --hooks --write --url {sage_url}`" in listed
    assert not (machine.home / ".claude/settings.json").exists()
    told = connect("--yes", "--no-import", "--url", sage_url)
    assert "Claude Code is connected, with hooks" in told
    assert {"start", "prompt", "stop"} <= set(machine.hooks())
    assert "--url" not in told


def test_a_failure_of_the_client_is_one_of_sage(connect, sage_url):
    other = "another-token-of-32-characters!!!!"
    words = ("claude-code", "--hooks", "--write", "--url", sage_url)
    assert "fix: " in connect(*words, token=other, code=1)


def test_nothing_is_written_for_a_wrong_address(connect, machine):
    before = machine.files()
    assert "--url is not the address of a Sage server" in connect("--yes", "--url", "a", code=2)
    assert machine.files() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--url", "http://a", "--space", "team"), "--space cannot be combined with --url"),
        (("--url", "http://a", "--data-dir", "/a"), "--data-dir cannot be combined with --url"),
        (("--token-file", "/a"), "--token-file requires --url"),
        (("--proxy", "none", "claude-code"), "--proxy requires --url"),
    ],
)
def test_options_of_a_sage_here_and_of_one_elsewhere_exclude_each_other(connect, words, said):
    assert said in connect(*words, code=2)

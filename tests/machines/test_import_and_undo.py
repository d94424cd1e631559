"""What was said before Sage came is imported from where it is, and all of it can be taken back."""

from uuid import uuid4

import pytest

from tests.real_clients.programs import PROGRAMS
from tests.support.polling import wait_for

CLIENTS = ("claude-code", "codex", "gemini-cli")
LOGS = [program.logs for program in PROGRAMS if program.name in CLIENTS]
SETTINGS = (".claude/settings.json", ".codex/config.toml", ".gemini/settings.json")
KEPT_OF_SAGE = (".local/share/sage-client", ".config/sage-client")


@pytest.fixture
def barn(sage, new_machine):  # noqa: ARG001 - it must serve
    """Have a machine with three clients, which Sage is not connected to."""
    machine = new_machine("barn", *CLIENTS)
    machine.fetch_client()
    return machine


def test_three_clients_are_imported_once_and_forgotten_and_left_as_they_were(
    barn, machines, talk, sage, connect
):
    word = f"marmot{uuid4().hex[:6]}"
    every = [(barn, client) for client in CLIENTS]
    before = sage.kept()
    told = f"The name of the barn host is {word}."
    talk.ask("gannet", told, *every)
    barn.settle()
    assert sage.kept() == before
    as_they_were = {name: (barn.folder / name).read_bytes() for name in SETTINGS}
    for client in CLIENTS:
        connect(barn, client)

    sage.freeze()
    begun = barn.begin_client("import", *LOGS)
    wait_for(barn.is_connected)
    begun.kill()
    begun.communicate()
    sage.thaw()
    for _ in range(2):
        barn.client("import", *LOGS)
        talk.require_all_kept_once()
    wait_for(sage.is_indexed)
    asked = "What is the name of the barn host?"
    talk.require_known("gannet", asked, [(machines["desk"], "claude-code")], {}, {"desk": word})
    talk.ask("gannet", "The door of the barn is blue.", *every)
    talk.require_all_kept_once()

    barn.client("import", "--undo", "last")
    talk.take_back(told, len(every))
    talk.require_all_kept_once()
    barn.client("connect", "--remove")
    assert {name: (barn.folder / name).read_bytes() for name in SETTINGS} == as_they_were
    assert not [name for name in KEPT_OF_SAGE if (barn.folder / name).exists()]
    kept = sage.kept()
    talk.ask("gannet", "Nobody listens any more.", *every)
    barn.settle()
    assert sage.kept() == kept

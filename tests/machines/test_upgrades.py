"""The oldest client works with the newest server, and the newest client with the oldest server."""

import shutil
import sys
from uuid import uuid4

from sage.clients.archive import digest_of, packed
from tests.architecture.sources import ROOT
from tests.machines.conftest import NEWEST, OLDEST
from tests.machines.network import HOME
from tests.machines.talk import Talk
from tests.support.polling import wait_for

A_WHILE_S = 120
"""Longer than a client leaves a server alone that did not answer twice."""


def test_either_side_is_upgraded_first_and_nothing_is_lost_meanwhile(
    server, new_machine, connect, oldest_client
):
    server.serve(OLDEST)
    old, new = new_machine("old", "claude-code"), new_machine("new", "codex")
    shutil.copyfile(oldest_client, old.folder / old.file)
    newest = packed(ROOT)
    (new.folder / new.file).write_bytes(newest)
    connect(old, "claude-code")
    connect(new, "codex")
    both = [(old, "claude-code"), (new, "codex")]
    other = {"old": "new", "new": "old"}
    talk = Talk(server)

    def tell_each_other(word):
        talk.ask("egret", f"The name of the {{name}} {word} host is {word}-{{name}}.", *both)
        talk.require_all_kept_once()
        wait_for(server.is_indexed)
        asked = f"What is the name of the {{name}} {word} host?"
        words = {name: f"{word}-{told}" for name, told in other.items()}
        talk.require_known("egret", asked, both, other, words)
        talk.require_all_kept_once()

    tell_each_other(f"marmot{uuid4().hex[:6]}")
    server.stop()
    talk.ask("egret", "The server of {name} is being upgraded.", *both)
    talk.settle()
    assert [machine.waiting() > 0 for machine, _ in both] == [True, True]
    server.serve(NEWEST)
    new.ahead_s = A_WHILE_S
    tell_each_other(f"heron{uuid4().hex[:6]}")

    old.place.cut()
    talk.ask("egret", "The client of {name} is being upgraded.", (old, "claude-code"))
    old.settle()
    assert old.waiting()
    old.place.mend()
    copy = str(old.data_dir / old.file).replace(str(old.folder), HOME)
    old.run(sys.executable, copy, "update", "--yes")
    assert digest_of(newest) in old.run(sys.executable, copy, "--version")
    tell_each_other(f"plover{uuid4().hex[:6]}")

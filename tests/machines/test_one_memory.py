"""What is said on one machine is known on the others, and is kept once."""

from uuid import uuid4

from tests.machines.conftest import MACHINES
from tests.support.polling import wait_for


def test_what_each_machine_is_told_is_known_on_the_others(machines, talk, sage):
    every = [(machine, MACHINES[name]) for name, machine in machines.items()]
    word = f"marmot{uuid4().hex[:6]}"
    talk.ask("pelican", f"The name of the {{name}} host is {word}-{{name}}.", *every)
    talk.require_all_kept_once()
    wait_for(sage.is_indexed)
    other = dict(zip(machines, [*machines][1:] + [*machines][:1], strict=True))
    words = {name: f"{word}-{told}" for name, told in other.items()}
    talk.require_known("pelican", "What is the name of the {name} host?", every, other, words)
    talk.require_all_kept_once()


def test_two_clients_in_one_project_at_the_same_time_on_two_machines_are_kept_apart(
    machines, talk, connect
):
    desk, laptop = machines["desk"], machines["laptop"]
    desk.install("codex")
    connect(desk, "codex")
    four = [(desk, "claude-code"), (desk, "codex"), (laptop, "codex")]
    for turn in ("first", "second"):
        talk.ask("heron", f"The {turn} gate is closed at noon.", *four)
    talk.require_all_kept_once()

"""What is said on one machine is known on the others, once."""

from uuid import uuid4

from tests.machines.conftest import MACHINES
from tests.machines.machine import all_quiet
from tests.real_clients.model import ANSWER
from tests.support.polling import wait_for


def test_what_each_machine_is_told_is_kept_once_and_known_on_the_others(machines, sage):
    before = sage.kept()
    words = {name: f"marmot{uuid4().hex[:6]}" for name in machines}
    told = {name: f"The name of the {name} host is {word}." for name, word in words.items()}
    for name, machine in machines.items():
        machine.ask(MACHINES[name], "pelican", told[name])
    all_quiet(*machines.values())
    said = [*told.values(), *[ANSWER] * len(told)]
    assert sage.kept() - before == {text: said.count(text) for text in said}
    wait_for(sage.is_indexed)

    for name, machine in machines.items():
        read = machine.ask(MACHINES[name], "pelican", "Which hosts are there?")
        assert [word for word in words.values() if word not in read] == []
    all_quiet(*machines.values())
    said += ["Which hosts are there?", ANSWER] * len(machines)
    assert sage.kept() - before == {text: said.count(text) for text in said}

"""Nothing that is said is lost or kept twice, whatever happens on the way to Sage."""

import re
import threading
from contextlib import contextmanager, suppress

import psutil

from tests.machines.conftest import MACHINES
from tests.support.polling import wait_for


def every(machines):
    return [(machine, MACHINES[name]) for name, machine in machines.items()]


def hooks_on(machine, mark):
    """Return the processes of hooks on a machine, or of what captures, that have a mark."""
    found = []
    for pid in machine.place.processes():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            words = process.cmdline()
            if "-I" in words and re.search(mark, " ".join(words)):
                found.append(process)
    return found


def kill_hooks(machine, mark):
    """Kill -9 what is found; return how many there were."""
    hooks = hooks_on(machine, mark)
    for hook in hooks:
        with suppress(psutil.NoSuchProcess):
            hook.kill()
    return len(hooks)


@contextmanager
def killed_at_sight(machines, mark):
    """Kill hooks as soon as they are seen; yield how many were, of each machine."""
    killed, ended = dict.fromkeys(machines, 0), threading.Event()

    def kill():
        while not ended.wait(0.02):
            for name, machine in machines.items():
                killed[name] += kill_hooks(machine, mark)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        ended.set()
        killer.join()


def test_an_hour_without_the_server_is_made_up_for(machines, talk, sage):
    sage.stop()
    for minutes in (0, 30):
        for machine in machines.values():
            machine.ahead_s = minutes * 60
        prompt = f"After {minutes} minutes the level on {{name}} is {minutes} metres."
        talk.ask("avocet", prompt, *every(machines))
    talk.settle()
    assert all(machine.waiting() for machine in machines.values())
    sage.start()
    for machine in machines.values():
        machine.ahead_s = 3600
    talk.ask("avocet", "The level on {name} falls.", *every(machines))
    for machine in machines.values():
        machine.ahead_s = 0
    talk.require_all_kept_once()


def test_requests_that_end_in_the_middle_are_made_again(machines, talk, sage):
    sage.freeze()
    talk.ask("bittern", "The lock of {name} opens at six.", *every(machines))
    for machine in machines.values():  # each has sent what was said, and waits for the answer
        wait_for(lambda machine=machine: bool(hooks_on(machine, "capture")))
    assert kill_hooks(machines["desk"], "capture")
    machines["laptop"].place.cut()
    sage.thaw()
    talk.settle()
    machines["laptop"].place.mend()
    talk.ask("bittern", "The lock of {name} closes at ten.", *every(machines))
    talk.require_all_kept_once()


def test_hooks_that_are_killed_are_made_up_for_by_those_of_the_next_session(machines, talk):
    for number, mark in enumerate(("hook start", "hook (stop|end)", "capture")):
        with killed_at_sight(machines, mark) as killed:
            talk.ask("curlew", f"The mill {number} of {{name}} stands still.", *every(machines))
            talk.settle()
        assert sum(killed.values()), mark
    talk.ask("curlew", "The mill of {name} turns again.", *every(machines))
    talk.require_all_kept_once()


def test_what_is_said_while_the_token_is_revoked_is_kept_with_the_next_token(machines, talk, sage):
    desk = machines["desk"]
    others = [(machines["laptop"], "codex")]
    sage.sage("token", "revoke", "desk")
    for turn in ("first", "second"):
        talk.ask("dunlin", f"The {turn} buoy of {{name}} is red.", (desk, "claude-code"), *others)
    talk.settle()
    assert desk.waiting()
    assert "does not accept the token" in desk.client("status", code=1)
    token = sage.new_token("desk-2")
    (desk.folder / "token").write_text(token)
    again = ("connect", "claude-code", "--hooks", "--write", "--token-file", "token")
    desk.client(*again)
    talk.ask("dunlin", "The third buoy of {name} is green.", (desk, "claude-code"), *others)
    talk.require_all_kept_once()

"""A Sage elsewhere that cannot be reached: what a hook costs, what waits, what is shown."""

import json
import re
import shlex
import socket
import threading
import time
from contextlib import contextmanager
from uuid import uuid4

import pytest

from sage.clients.hooks.server import network
from tests.clients.command.conftest import TOKEN
from tests.clients.command.tls import tls_in_front_of
from tests.support.broken_sage import hooks_of
from tests.support.impostors import impostor
from tests.support.networks import dropping_packets, far_away
from tests.support.polling import DEADLINE_S, wait_for
from tests.support.ports import free_port

FACT = "The ferry to the northern island leaves from pier nine at half past six."
ASKED = {"prompt": "From which pier does the ferry to the northern island leave?"}
SHOWN = "systemMessage"


class Reach:
    """Where the hooks of a machine look for Sage, and how often they did so in vain."""

    def __init__(self, machine):
        self.machine = machine
        self.folder = machine.data_dir / "hooks"

    def look_at(self, **changed):
        file = self.folder / "server.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changed))

    def in_vain(self):
        file = self.folder / "unanswered.json"
        return json.loads(file.read_text())["count"] if file.exists() else 0

    def wait_out(self):
        """Have the pause be over."""
        file = self.folder / "unanswered.json"
        state = json.loads(file.read_text())
        file.write_text(json.dumps(state | {"at": state["at"] - 60}))

    def ask(self):
        """Ask as before a prompt; return the failures so far."""
        self.machine.fire("prompt", session_id=str(uuid4()), **ASKED)
        return self.in_vain()

    def say(self):
        self.machine.fire("stop", last_assistant_message=FACT, prompt_id=str(uuid4()))

    def at_rest(self):
        wait_for(lambda: not hooks_of(self.machine.data_dir))

    def waiting(self):
        return len([*(self.folder / "spool").glob("*.json")])


@contextmanager
def hosts_that_are_gone():
    with dropping_packets() as port:
        yield [
            {"host": "localhost", "port": port},
            {"host": "localhost", "port": free_port()},
            {"host": "gone.invalid"},
        ]


def test_a_host_that_is_gone_is_asked_twice_and_then_left_alone_for_a_minute(machine, sage_url):
    machine.connect(sage_url)
    reach = Reach(machine)
    known = json.loads((reach.folder / "server.json").read_text())
    with hosts_that_are_gone() as hosts:
        for number, host in enumerate(hosts, 1):
            reach.look_at(**host)
            assert [reach.ask() for _ in range(3)] == [1, 2, 2]
            reach.say()
            shown = machine.fire("start", source="startup", session_id=str(uuid4()))
            assert re.search(r"is unreachable since \d\d:\d\d.*; \d+ events? queued$", shown[SHOWN])
            reach.at_rest()
            assert reach.waiting() == 2 * number  # what was said, and the start
            assert reach.in_vain() == 2
            reach.wait_out()
            assert [reach.ask() for _ in range(2)] == [3, 3]
            (reach.folder / "unanswered.json").unlink()
    reach.look_at(**known)
    reach.say()
    wait_for(lambda: machine.captured() == len(hosts) + 1)
    wait_for(lambda: reach.waiting() == 0)


def test_a_name_that_is_not_found_in_time_is_given_up(monkeypatch):
    asked, ended = threading.Event(), threading.Event()

    def look_up(*_, **__):
        asked.set()
        ended.wait(DEADLINE_S)
        return []

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    with pytest.raises(TimeoutError):
        network.reach("memory.example.org", 443, time.monotonic() + 0.05)
    assert asked.is_set()
    ended.set()


def test_what_is_asked_by_tls_goes_at_once_with_the_end_of_the_handshake(tmp_path):
    with tls_in_front_of("", "", tmp_path) as (url, ca):
        end = time.monotonic() + DEADLINE_S
        plain = network.reach("localhost", port_of(url), end)
        with network.secured(plain, "localhost", ca, end) as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_hook_waits_for_a_server_that_is_usually_slow_and_learns_that_it_is(
    machine, sage_url, tmp_path
):
    with tls_in_front_of(sage_url, "", tmp_path) as (url, ca), far_away(port_of(url), 0.2) as port:
        machine.connect(f"https://localhost:{port}", "--ca", ca)
        reach = Reach(machine)
        assert reach.ask() == 0
        (reach.folder / "answers.json").unlink()
        assert [reach.ask() for _ in range(2)] == [1, 0]


def test_each_session_is_told_once_since_when_sage_is_out_of_reach(machine, sage_url, tmp_path):
    with tls_in_front_of(sage_url, "", tmp_path) as (url, ca):
        machine.connect(url, "--ca", ca)
        reach = Reach(machine)
        host = url.removeprefix("https://")
        assert machine.fire("start", source="startup") is None
        reach.at_rest()
        reach.look_at(ca="")
        assert machine.fire("prompt", **ASKED) is None
        shown = machine.fire("prompt", **ASKED)[SHOWN]
        why = "its certificate is not trusted: self-signed certificate"
        assert re.fullmatch(rf"Sage at {host} is unreachable since \d\d:\d\d \({why}\)", shown)
        reach.say()
        assert machine.fire("start", source="startup") is None
        shown = machine.fire("start", source="startup", session_id="another")[SHOWN]
        assert shown.endswith(f"({why}); 2 events queued")
        assert machine.fire("start", source="startup", session_id="another") is None
        status = machine.run("status", token="", code=1)
        assert re.search(rf"outage +it is unreachable since \d\d:\d\d \({why}\)\n", status)
        machine.run("connect", "--ca", ca)
        wait_for(lambda: reach.waiting() == 0)
        assert "outage" not in machine.run("status", token="")


def test_a_token_that_was_revoked_is_named_and_another_one_takes_its_place(
    machine, sage_url, tmp_path
):
    file = tmp_path / "another token"
    file.write_text(f"{TOKEN}\n")
    with tls_in_front_of(sage_url, "", tmp_path) as (url, ca):
        for address, words, told in (
            (url, ("--ca", ca), ", which was revoked or has expired; to set a new one: "),
            (
                sage_url,
                (),
                (
                    ": the token was revoked, or another program uses its address;"
                    " to set a new token: "
                ),
            ),
        ):
            machine.connect(address, *words)
            reach, kept = Reach(machine), machine.captured()
            machine.token_file.write_text("revoked-token-of-at-least-32-characters")
            reach.say()
            reach.at_rest()
            for _ in range(3):
                shown = machine.fire("start", source="startup", session_id=str(uuid4()))[SHOWN]
                assert told in shown
                reach.at_rest()
            assert reach.in_vain() == (0 if address == sage_url else 2)
            assert reach.waiting() == 4
            command = re.search(r"to set a new (?:one|token): (.*) --token-file FILE", shown)[1]
            _, copy, *verb = shlex.split(command)
            machine.run(*verb, "--token-file", str(file), file=copy, token="")
            wait_for(lambda before=kept: machine.captured() == before + 1)
            reach.at_rest()
            assert reach.waiting() == 0
            assert machine.token_file.read_text() == f"{TOKEN}\n"


def test_an_older_server_and_a_proxy_without_one_are_named(machine, sage_url, tmp_path):
    machine.connect(sage_url)
    reach = Reach(machine)
    no_route = {"type": "urn:sage:problem:no-route", "status": 404}
    for status, answer, told in (
        (404, no_route, "is older than this client and should be upgraded"),
        (502, {}, r"is unreachable since \d\d:\d\d \(HTTP 502\)"),
    ):
        with impostor(told=answer, status=status) as other:
            behind = f"http://127.0.0.1:{other.server_port}"
            with tls_in_front_of(behind, "", tmp_path) as (url, ca):
                reach.look_at(host="localhost", port=port_of(url), tls=True, ca=ca)
                shown = machine.fire("start", source="startup", session_id=str(uuid4()))[SHOWN]
                assert re.search(told, shown)
                reach.at_rest()
        (reach.folder / "unanswered.json").unlink()


def port_of(url):
    return int(url.rpartition(":")[2])

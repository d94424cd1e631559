"""What waits for Sage: in order and within bounds, whatever the clock does."""

import json
import time
from types import SimpleNamespace

import pytest

from sage.clients.hooks.capture import spool
from sage.clients.hooks.capture.capture_report import read_captures
from tests.support.broken_sage import hooks_of
from tests.support.impostors import impostor, knowing
from tests.support.polling import wait_for
from tests.support.proof_key import KEY

DAY_S = 86_400
YEAR_S = 365 * DAY_S


@pytest.fixture
def clock(monkeypatch):
    """Return a clock of the spool that can be set, and stands still."""
    told = SimpleNamespace(now=time.time())
    shown = SimpleNamespace(
        time=lambda: told.now, time_ns=lambda: int(told.now * 1e9), localtime=time.localtime
    )
    monkeypatch.setattr(spool, "time", shown)
    return told


def add(hooks, mark):
    spool.add_entry(str(hooks.data_dir), {"session": mark})


def waiting(hooks):
    return [spool.read(path)["session"] for path in spool.waiting(str(hooks.data_dir))]


def test_a_clock_that_jumps_loses_and_reorders_nothing(hooks, clock):
    jumps = [0, YEAR_S, 0, -YEAR_S, -2 * YEAR_S, 3600, 10 * YEAR_S, -10 * YEAR_S, 0]
    marks = []
    for number, jump in enumerate(jumps * 2):
        clock.now += jump
        marks.append(f"{number}")
        add(hooks, marks[-1])
    assert waiting(hooks) == marks
    assert read_captures(hooks.data_dir).dropped == 0


def test_what_has_waited_for_thirty_days_on_which_something_came_is_dropped_and_counted(
    hooks, clock
):
    clock.now -= 40 * DAY_S
    for day in range(40):
        clock.now += DAY_S
        add(hooks, f"{day}")
    kept = spool.MAX_DAYS + 1  # with today
    assert waiting(hooks) == [f"{day}" for day in range(40)][-kept:]
    found = read_captures(hooks.data_dir)
    assert (found.dropped, found.waiting) == (40 - kept, kept)
    assert found.dropped_at.timestamp() == pytest.approx(clock.now)


def test_what_there_is_no_room_for_is_counted(hooks):
    add(hooks, "first")
    (first,) = hooks.spooled()
    with first.with_name("00000000000000000000-1.json").open("wb") as file:
        file.truncate(spool.MAX_BYTES)
    add(hooks, "second")
    assert waiting(hooks) == ["first", "second"]
    assert read_captures(hooks.data_dir).dropped == 1
    most = spool.MAX_BYTES // 4096
    for number in range(most):
        first.with_name(f"00000000000000000{number:05d}-1.json").write_text("{}")
    add(hooks, "third")
    assert len(hooks.spooled()) == most
    assert [spool.read(str(path))["session"] for path in hooks.spooled()[-3:]] == [
        *("first", "second", "third")
    ]
    assert read_captures(hooks.data_dir).dropped == 4


@pytest.mark.parametrize(("status", "spaces", "sent"), [(401, 1, 1), (401, 2, 2), (503, 2, 1)])
def test_a_server_that_refuses_is_not_asked_again_for_each_event_that_waits(
    hooks, status, spaces, sent
):
    for number in range(6):
        message = {"id": f"{number}", "role": "user", "text": "Hello."}
        space = f"space-{number % spaces}"
        told = {"client": "opencode", "space": space, "session": "s", "messages": [message]}
        spool.add_entry(str(hooks.data_dir), told)
    tokens = {f"space-{number}": "a-token-of-at-least-32-characters!" for number in range(spaces)}
    (hooks.data_dir / "hooks/spaces.json").write_text(json.dumps(tokens))
    problem = {"type": "urn:sage:problem:refused", "status": status}
    with impostor(knowing(KEY), problem, status=status) as server:
        hooks.find_sage(f"http://127.0.0.1:{server.server_port}")
        hooks.drain()
        wait_for(lambda: hooks.status("opencode").get("failing"))
        wait_for(lambda: not hooks_of(hooks.data_dir))
        posted = [one for one in server.heard if one.startswith("POST")]
    assert len(posted) == sent
    assert len(hooks.spooled()) == 6

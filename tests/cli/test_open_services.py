import asyncio
import os
import signal

import pytest

from sage.local.signals import run_until_ended

ENDINGS = pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])


async def leave_a_failure_behind(number=None):
    """Let something fail that nobody asks about, as a driver does whose work is given up."""
    failed = asyncio.get_running_loop().create_future()
    failed.set_exception(ConnectionError("nobody asks"))
    try:
        if number is not None:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
    finally:
        del failed


@ENDINGS
def test_a_signal_closes_what_is_open_and_gives_its_code(number, code):
    closed = []

    async def work():
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.append(True)

    with pytest.raises(SystemExit) as left:
        run_until_ended(work())
    assert left.value.code == code
    assert closed == [True]


@ENDINGS
def test_what_fails_because_of_a_signal_is_not_logged(caplog, number, code):
    with pytest.raises(SystemExit) as left:
        run_until_ended(leave_a_failure_behind(number))
    assert left.value.code == code
    assert not caplog.records


def test_what_fails_without_a_signal_is_logged(caplog):
    run_until_ended(leave_a_failure_behind())
    assert "never retrieved" in caplog.text


def test_the_answer_comes_back_and_signals_are_as_before():
    async def work():
        return "tea"

    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert run_until_ended(work()) == "tea"
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_work_that_gives_itself_up_is_a_defect():
    async def work():
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError):
        run_until_ended(work())


def test_a_verb_that_does_not_serve_loads_no_metrics(program, data_dir):
    code = f"""
import sys
from sage.cli.main import main
main(["search", "tea", "--data-dir", {str(data_dir)!r}])
loaded = [name in sys.modules for name in ("sage.telemetry.metrics.catalog", "prometheus_client")]
print(*loaded, file=sys.stderr)
"""
    outcome = program(interpreted=code)
    assert outcome.code == 0
    assert outcome.err.splitlines()[-1] == "True False"

import io
import re
import sys

import pytest

from sage.cli.terminal.console import Console
from sage.cli.terminal.progress import Progress
from tests.support.screen import Screen, run_on_screen

LONG = "embedding with a model of a very long name"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def shown(body, columns, **environ):
    """Run a program that shows progress on a terminal."""
    program = f"""
import os, sys, time
from sage.cli.terminal.console import Console
from sage.cli.terminal.progress import Progress
console = Console.of_process(os.environ)
{body}
"""
    code, screen = run_on_screen([sys.executable, "-c", program], columns, environ=environ)
    assert code == 0, screen.text
    return screen


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_bar_takes_one_line_and_goes(columns):
    screen = shown(
        f"""
with Progress(console, {LONG!r}, 2500) as progress:
    for _ in range(25):
        progress.advance(100)
        time.sleep(0.02)
print("done")
""",
        columns,
    )
    assert screen.broken == []
    assert screen.text == "done"
    frames = [frame for frame in screen.erased if frame]
    assert len(frames) > 3
    assert all(re.fullmatch(r"\S embedding.* of 2,500 \(\d+ %\)", frame) for frame in frames)


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}])
def test_whatever_is_written_meanwhile_stands_above_the_bar(environ):
    screen = shown(
        """
from sage.telemetry.logs import configure_logging, get_logger
configure_logging("INFO", "console", colors=False)
with Progress(console, "saving", 100) as progress:
    progress.advance(10)
    console.note("a note")
    get_logger("sage").info("a_log_line")
    print("a warning", file=sys.stderr)
    progress.advance(10)
""",
        80,
        **environ,
    )
    first, *between, last = screen.text.splitlines()
    assert (first, last) == ("a note", "a warning")
    assert "a_log_line" in " ".join(between)
    frames = [frame for frame in screen.erased if frame]
    assert all(re.fullmatch(r"\S saving [━╸╺ ]+ \d+ of 100 \(\d+ %\)", one) for one in frames)
    assert screen.colours is not bool(environ)


def test_a_bar_goes_away_when_the_work_fails():
    screen = shown(
        """
try:
    with Progress(console, "saving", 100):
        raise OSError
except OSError:
    print("failed")
""",
        80,
    )
    assert screen.text == "failed"


def test_work_without_a_total_shows_the_time():
    screen = shown('with Progress(console, "starting Sage"): time.sleep(0.3)', 80)
    assert screen.text == ""
    assert any(re.fullmatch(r"\S starting Sage 0 s", frame) for frame in screen.erased)


def test_a_screen_tells_a_bar_on_two_lines():
    screen = Screen(10)
    screen.feed("\rsaving [####------]")
    assert screen.broken == ["saving [##"]


def on_pipe(clock, total=100):
    console = Console(io.StringIO(), io.StringIO())
    return console.err, Progress(console, "saving", total, clock=clock)


def test_elsewhere_a_line_comes_every_few_seconds(clock):
    log, progress = on_pipe(clock)
    with progress:
        for _ in range(10):
            clock.now += 1
            progress.advance(10)
    assert log.getvalue().splitlines() == [
        "saving: 50 of 100 (50 %)",
        "saving: 100 of 100 (100 %)",
    ]


def test_the_time_left_counts_from_the_first_piece_of_work(clock):
    log, progress = on_pipe(clock, total=1_000)
    with progress:
        clock.now = 100  # a database is made, a model loaded
        progress.advance(10)
        clock.now = 110
        progress.advance(100)
    assert log.getvalue().splitlines()[-1] == "saving: 110 of 1,000 (11 %), 1 min 29 s left"


def test_elsewhere_short_work_is_silent(clock):
    log, progress = on_pipe(clock)
    with progress:
        progress.advance(100)
    assert log.getvalue() == ""


def test_why_nothing_gets_done_is_told_once_and_again_after_some_work(clock):
    log, progress = on_pipe(clock)
    with progress:
        progress.wait("the provider is away")
        progress.wait("the provider is away")
        progress.advance(10)
        progress.wait("the provider is away")
    assert log.getvalue().count("the provider is away") == 2


def test_no_work_at_all_is_no_division_by_zero(clock):
    _, progress = on_pipe(clock, total=0)
    with progress:
        progress.advance(0)
    assert progress.state() == "0 of 1 (0 %)"

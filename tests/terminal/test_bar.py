import io
import re

import pytest

from sage.terminal.bar import Progress
from sage.terminal.output import Console


class Screen(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def progress_on(stream, clock, total=100):
    console = Console(io.StringIO(), stream, colours_out=False, colours_err=False)
    return Progress(console, "saving", total, clock=clock)


def test_a_terminal_shows_a_bar_that_grows_and_goes(clock):
    screen = Screen()
    with progress_on(screen, clock) as progress:
        for _ in range(2):
            clock.now += 1
            progress.advance(50)
    drawn = re.findall(r"\[([#-]+)\] (\d+) of 100", screen.getvalue())
    assert [(bar.count("#"), int(done)) for bar, done in drawn] == [(0, 0), (15, 50), (30, 100)]
    assert screen.getvalue().endswith("\r\x1b[K")


def test_a_bar_is_not_drawn_for_every_step(clock):
    screen = Screen()
    with progress_on(screen, clock, total=1000) as progress:
        for _ in range(999):
            clock.now += 0.001
            progress.advance(1)
    assert 5 <= screen.getvalue().count("[") - screen.getvalue().count("\x1b[") <= 15


def test_elsewhere_a_line_comes_every_few_seconds(clock):
    log = io.StringIO()
    with progress_on(log, clock) as progress:
        for _ in range(10):
            clock.now += 1
            progress.advance(10)
    assert log.getvalue().splitlines() == [
        "saving: 50 of 100 (50 %), 5 s left",
        "saving: 100 of 100 (100 %)",
    ]


def test_how_long_it_takes_yet_is_told_in_hours_too(clock):
    log = io.StringIO()
    with progress_on(log, clock, total=10_000) as progress:
        clock.now = 40
        progress.advance(100)
    assert log.getvalue() == "saving: 100 of 10,000 (1 %), 1 h 6 min left\n"


@pytest.mark.parametrize("stream", [Screen, io.StringIO])
def test_why_nothing_gets_done_is_told_once_and_again_after_some_work(clock, stream):
    shown = stream()
    with progress_on(shown, clock) as progress:
        progress.wait("the provider is away")
        if stream is io.StringIO:
            progress.wait("the provider is away")
        progress.advance(10)
        progress.wait("the provider is away")
    assert shown.getvalue().count("the provider is away") == 2


def test_elsewhere_short_work_is_silent(clock):
    log = io.StringIO()
    with progress_on(log, clock) as progress:
        progress.advance(100)
    assert log.getvalue() == ""


def test_no_work_at_all_is_no_division_by_zero(clock):
    screen = Screen()
    with progress_on(screen, clock, total=0) as progress:
        progress.advance(0)
    assert "0 of 1" in screen.getvalue()


def test_a_bar_goes_away_when_the_work_fails(clock):
    screen = Screen()
    with pytest.raises(RuntimeError), progress_on(screen, clock):
        raise RuntimeError
    assert screen.getvalue().endswith("\r\x1b[K")

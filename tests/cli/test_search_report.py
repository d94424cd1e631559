"""What people are told of how well results answer."""

import io

import pytest

from sage.cli.search_report import write_nothing, write_pending, write_relevance
from sage.cli.terminal.console import Console
from sage.domain.relevance import JudgedBy, Relevance, Thresholds


def told(write, relevance, *more):
    """Give what is written beside the output of a console that is no terminal."""
    beside = io.StringIO()
    console = Console(io.StringIO(), beside)
    write(relevance, *more, console)
    console.flush()
    return beside.getvalue()


@pytest.mark.parametrize("relevance", [Relevance.WEAK, Relevance.NONE])
def test_a_doubt_is_told_where_nobody_looks_at_a_terminal(relevance):
    assert told(write_relevance, relevance, None)


def test_the_relevance_is_told_with_the_figure_that_it_comes_from():
    by = JudgedBy(3, 0.544, Thresholds(0.3, 0.7))
    said = (
        "Weak: one of these answers with probability 0.54 (strong from 0.70); each has its own.\n"
    )
    assert told(write_relevance, Relevance.WEAK, by) == said


@pytest.mark.parametrize("relevance", [Relevance.STRONG, Relevance.UNKNOWN])
def test_nothing_is_told_to_a_pipe_without_a_doubt(relevance):
    assert told(write_relevance, relevance, None) == ""


def test_who_sees_nothing_is_told_how_to_see_the_closest():
    assert "--min-relevance none" in told(write_nothing, Relevance.NONE)
    assert "--min-relevance" not in told(write_nothing, Relevance.UNKNOWN)


def test_who_searches_is_told_how_many_memories_have_no_vectors_yet():
    assert told(write_pending, 3) == "not embedded yet, found by keyword only: 3 memories\n"
    assert told(write_pending, None) == ""

"""Tables of what was handed out in weeks of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.benchmark.agents.measure import WeekResult

_PROMPT_HEADING = (
    *("prompts", "week", "facts", "brought", "across", "brought"),
    *("echoes", "with one", "remarks", "back"),
)
_START_HEADING = (
    *("starts", "week", "starts", "task", "found", "preferences", "decision", "open", "again"),
)
_PROMPTS = (
    "facts: wanted by prompts; brought: share of them in the context by then; across: those told in"
    " the other language; echoes, remarks: shares of what was handed out, at starts, too; with one:"
    " share of the prompts that something was handed out for, and an echo; back: how much of it had"
    " been taken back."
)
_STARTS = (
    "shares of the starts of sessions at which it is there: the last task of the project, what was"
    " found last, the person's preferences (three at least), the last decision, what was left open;"
    " again: resumed or forked sessions that were told what they know."
)
_TOKENS = (
    "tokens: median of a session; answer nothing: share of the tokens of what was handed out, for a"
    " prompt or at a start, that are not worth it."
)


def agents_tables(weeks: Sequence[WeekResult]) -> list[Table]:
    """Build a table of prompts, one of starts and one of tokens."""
    return [
        Table(
            _PROMPT_HEADING,
            [
                (
                    one.story,
                    str(one.week),
                    str(one.wanted),
                    _share(one.brought),
                    str(one.wanted_across),
                    _share(one.across),
                    _share(one.echoes),
                    _share(one.with_echo),
                    _share(one.remarks_handed),
                    str(one.taken_back),
                )
                for one in weeks
            ],
            legend=_PROMPTS,
        ),
        Table(
            _START_HEADING,
            [
                (
                    one.story,
                    str(one.week),
                    str(one.starts),
                    *map(
                        _share,
                        (one.last_task, one.found, one.preferences, one.decision, one.left_open),
                    ),
                    str(one.at_resume),
                )
                for one in weeks
            ],
            legend=_STARTS,
        ),
        Table(
            ("tokens", "week", "messages", "remarks", "sessions", "tokens", "answer nothing"),
            [
                (
                    one.story,
                    str(one.week),
                    f"{one.messages:,}",
                    _share(one.remarks),
                    str(one.sessions),
                    f"{one.session_tokens:,.0f}",
                    _share(one.answer_nothing),
                )
                for one in weeks
            ],
            legend=_TOKENS,
        ),
    ]


def missed_table(weeks: Sequence[WeekResult]) -> Table:
    """Build a table of what was known and not told."""
    rows = [(f"{one.story}, week {one.week}", missed) for one in weeks for missed in one.missed]
    return Table(("missed", "what"), rows, left=2)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"

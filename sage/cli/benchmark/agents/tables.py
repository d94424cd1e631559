"""Tables of what was recalled in weeks of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.benchmark.agents.measure import WeekResult

_PROMPT_HEADING = (
    *("prompts", "week", "facts", "recalled", "other language", "recalled"),
    *("echoes", "with echo", "remarks", "withdrawn"),
)
_START_HEADING = (
    *("starts", "week", "starts", "task", "found", "preferences", "decision", "open", "again"),
)
_PROMPTS = (
    "facts: needed by prompts; recalled: share of them in the context by then; other language: "
    "those stated in the other language; echoes (questions, non-answers, small talk) and "
    "remarks (texts between tool calls): shares of what was recalled, including session starts; "
    "with echo: share of the prompts with an echo among what was recalled; withdrawn: recalled "
    "statements that had been withdrawn before."
)
_STARTS = (
    "shares of session starts that include: the last task of the project, the last "
    "findings, the person's preferences (at least three), the last decision, open "
    "tasks; again: resumed or forked sessions that received what they already contain."
)
_TOKENS = (
    "tokens: median of a session; irrelevant: share of the recalled tokens, for a "
    "prompt or at a start, that answer nothing."
)


def agents_tables(weeks: Sequence[WeekResult]) -> list[Table]:
    """Build tables of prompts, session starts and tokens."""
    return [
        Table(
            _PROMPT_HEADING,
            [
                (
                    one.story,
                    str(one.week),
                    str(one.facts),
                    _share(one.recalled),
                    str(one.facts_other_language),
                    _share(one.recalled_other_language),
                    _share(one.echoes),
                    _share(one.with_echo),
                    _share(one.recalled_remarks),
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
            ("tokens", "week", "messages", "remarks", "sessions", "tokens", "irrelevant"),
            [
                (
                    one.story,
                    str(one.week),
                    f"{one.messages:,}",
                    _share(one.remarks),
                    str(one.sessions),
                    f"{one.session_tokens:,.0f}",
                    _share(one.irrelevant),
                )
                for one in weeks
            ],
            legend=_TOKENS,
        ),
    ]


def missed_table(weeks: Sequence[WeekResult]) -> Table:
    """Build a table of what was stored but not recalled."""
    rows = [(f"{one.story}, week {one.week}", missed) for one in weeks for missed in one.missed]
    return Table(("missed", "what"), rows, left=2)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"

"""Parse handwritten weeks of work.

    person NAME LANGUAGE
    == NAME DAY TIME PERSON CLIENT PROJECT [resumes NAME | forks NAME]
    > a prompt {KIND @TOPIC KEY=VALUE ?KEY back}
    - a remark
    < the last text of the answer {KIND @TOPIC KEY=VALUE open="what was left open"}

Braces annotate a message: its kind and subjects, the facts that it states, the facts that it needs
(`?`), and whether it was taken back (`back`). Further lines of a message are indented by two
spaces. `{{log LINES NAME}}` is replaced by so many lines of a generated log.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING

from sage.cli.benchmark.agents.logs import generated_log
from sage.cli.benchmark.agents.story import (
    Begins,
    Story,
    StoryKind,
    StoryLine,
    StorySession,
    StoryTurn,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MARKED = re.compile(r"\s\{([^{}]+)\}\s*\Z")
_LOG = re.compile(r"\{\{log (\d+) (\w+)\}\}")
_BEGINS = {"resumes": Begins.RESUMED, "forks": Begins.FORKED}
_HEADING_WORDS = 6


def own_stories() -> list[Story]:
    """Return the two handwritten weeks included in Sage, in English and Chinese."""
    folder = resources.files("sage.cli.benchmark") / "data"
    return [
        read_story(language, (folder / f"agents-{language}.txt").read_text(encoding="utf-8"))
        for language in ("english", "chinese")
    ]


def read_story(name: str, text: str) -> Story:
    """Parse a story. Raises ValueError, which quotes the line that is not valid."""
    people: dict[str, str] = {}
    sessions: list[StorySession] = []
    for line in _messages(text):
        mark, _, rest = line.partition(" ")
        match mark:
            case "person":
                person, language = rest.split()
                people[person] = language
            case "==":
                sessions.append(_session(rest))
            case ">":
                _add(sessions, _turn(rest))
            case "-" | "<":
                turn = _answered(sessions[-1].turns[-1], mark, rest)
                sessions[-1] = replace(sessions[-1], turns=(*sessions[-1].turns[:-1], turn))
            case _:
                raise ValueError(f"{line!r:.80} does not begin with a known mark")
    return Story(name, people, tuple(sessions))


def _messages(text: str) -> Iterator[str]:
    """Yield each message: a line and the indented lines that follow it."""
    message = ""
    for line in text.splitlines():
        if line.startswith("  "):
            message += f"\n{line[2:]}"
            continue
        if message:
            yield message
        message = "" if line.startswith("#") else line
    if message:
        yield message


def _session(heading: str) -> StorySession:
    words = heading.split()
    name, day, time, person, client, project = words[:_HEADING_WORDS]
    hour, minute = map(int, time.split(":"))
    began_at = _MONDAY + timedelta(days=_DAYS.index(day), hours=hour, minutes=minute)
    begun = StorySession(name, 1, began_at, person, client, project, ())
    if len(words) == _HEADING_WORDS:
        return begun
    how, origin = words[_HEADING_WORDS:]
    return replace(begun, begins=_BEGINS[how], origin=origin)


def _add(sessions: list[StorySession], turn: StoryTurn) -> None:
    sessions[-1] = replace(sessions[-1], turns=(*sessions[-1].turns, turn))


def _turn(rest: str) -> StoryTurn:
    line, words = _line(rest)
    needs = tuple(word[1:] for word in words if word.startswith("?"))
    return StoryTurn(line, needs=needs, taken_back="back" in words)


def _answered(turn: StoryTurn, mark: str, rest: str) -> StoryTurn:
    if mark == "-":
        return replace(turn, remarks=(*turn.remarks, rest))
    return replace(turn, answer=_line(rest)[0])


def _line(rest: str) -> tuple[StoryLine, list[str]]:
    found = _MARKED.search(rest)
    if found is None:
        raise ValueError(f"{rest!r:.80} has no kind")
    words = shlex.split(found[1])
    text = _LOG.sub(lambda log: generated_log(log[2], int(log[1])), rest[: found.start()])
    values = dict(_pairs(words))
    return (
        StoryLine(
            StoryKind(words[0]),
            text.strip(),
            frozenset(word[1:] for word in words if word.startswith("@")),
            tuple((key, value) for key, value in values.items() if key != "open"),
            values.get("open", ""),
        ),
        words,
    )


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        key, has_value, value = word.partition("=")
        if has_value:
            yield key, value

"""A memory for people: who, when, the text, and where it belongs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.cli.terminal.excerpt import write_excerpt
from sage.domain.ids import short_id, short_session
from sage.domain.local_time import local_time_text
from sage.domain.provenance import Trust
from sage.domain.text.wording import age_text, clipped, one_line
from sage.phrases import joined, numbered, phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo
    from uuid import UUID

    from sage.cli.terminal.console import Console, StyledText
    from sage.domain.exchanges import Reply
    from sage.domain.memories import MemoryRecord

_INDENT = 6
_MAX_LINES = 2
_MAX_NAME_CHARS = 40
_MAX_REPLY_CHARS = 300


def write_memory(
    console: Console,
    memory: MemoryRecord,
    timezone: tzinfo,
    *,
    first: str = "",
    find: Callable[[str], Sequence[tuple[int, int]]] = lambda _text: (),
) -> None:
    """Write a memory in a few lines, preceded by `first`; the matches of `find` are highlighted."""
    text = one_line(memory.content)
    console.write(
        (f"{first:<{_INDENT}}", Style.BOLD),
        *author(memory),
        "  ",
        when_text(memory.created_at, timezone),
        hang=_INDENT,
    )
    write_excerpt(console, text, find(text), indent=_INDENT, limit=_MAX_LINES)
    place = [] if memory.space is None else [phrase("space {space}", space=one_line(memory.space))]
    if project := project_of(getattr(memory, "metadata", {})):
        place.append(phrase("project {project}", project=project))
    place.append(phrase("session {session}", session=one_line(short_session(memory.session_id))))
    place.append(short_id(memory.memory_id))
    if times := getattr(memory, "times", None):
        place.append(numbered("said {count} time", "said {count} times", count=times))
    if getattr(memory, "superseded_at", None):
        place.append(phrase("superseded"))
    if memory.trust is Trust.IMPORTED:
        place.append(one_line(str(memory.source)))
    if memory.author:
        place.append(phrase("saved by {author}", author=one_line(memory.author)))
    console.write(" " * _INDENT, (joined("  ", place), Style.FAINT), hang=_INDENT)


def write_place(console: Console, session_id: str, memory_id: UUID) -> None:
    """Write the session of a memory and its id, as used on a command line."""
    session = one_line(short_session(session_id))
    place = [phrase("session {session}", session=session), short_id(memory_id)]
    console.write(" " * _INDENT, (joined("  ", place), Style.FAINT), hang=_INDENT)


def project_of(metadata: Mapping[str, object]) -> str:
    """Return the last part of the project's name in metadata; empty without one."""
    project = metadata.get("project")
    return one_line(project.rstrip("/").rpartition("/")[2]) if isinstance(project, str) else ""


def write_replies(console: Console, reply: Reply | None, correction: Reply | None) -> None:
    """Write the answer to a memory and its correction, if there are any."""
    for one in (reply, correction):
        if one is not None:
            line = phrase(
                "answered by {who}: {text}" if one is reply else "corrected by {who}: {text}",
                who=str(one.role) if one.name is None else one_line(one.name),
                text=clipped(one_line(one.content), _MAX_REPLY_CHARS),
            )
            console.write(" " * _INDENT, *styled(line, who=Style.NAME), hang=_INDENT)


def write_explanation(
    console: Console,
    score: float | None,
    signals: Mapping[str, float],
    contributions: Mapping[str, float],
) -> None:
    """Write a score with its signals and their contributions, largest first, as far as known."""
    scores = {} if score is None else {"score": score}
    if signals:
        line = "  ".join(f"{name} {value:g}" for name, value in (scores | {**signals}).items())
        console.write(" " * _INDENT, (line, Style.FAINT), hang=_INDENT)
    if contributions:
        most = sorted(contributions.items(), key=lambda one: -abs(one[1]))
        line = "  ".join(f"{name} {value:+.2f}" for name, value in most if round(value, 2))
        made_of = phrase("score    {contributions}", contributions=line)
        console.write(" " * _INDENT, (made_of, Style.FAINT), hang=_INDENT)


def author(memory: MemoryRecord) -> tuple[StyledText, ...]:
    """Return the role of the speaker, after the name if there is one."""
    if memory.name is None:
        return ((str(memory.role), Style.NAME),)
    name = clipped(one_line(memory.name), _MAX_NAME_CHARS)
    return (name, Style.NAME), f" ({memory.role})"


def when_text(when: datetime, timezone: tzinfo) -> str:
    """Return a time in `timezone`, and how long ago it was."""
    age_s = (datetime.now(UTC) - when).total_seconds()
    time = local_time_text(when, timezone)
    return phrase("{time}, {age}", time=time, age=age_text(age_s)) if age_s >= 0 else time

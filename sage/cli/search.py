"""`sage search` and `sage context`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.presenters import present_context, present_search
from sage.api.schemas import SearchArguments
from sage.cli.failures import OK
from sage.cli.running import with_services
from sage.domain.searching import ContextRequest
from sage.terminal.output import Style, clipped, lines_of, one_line, printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.domain.searching import Degradation, Hit
    from sage.terminal.output import Console

_LINES_OF_TEXT = 2
_INDENT = 6
_MAX_NAME = 40


def search(args: Namespace, console: Console) -> int:
    """Print memories that answer, best first."""
    request = _question(args, n=args.n, similarity_threshold=args.threshold).to_request()
    answer = with_services(args, lambda services: services.memory.search(request))
    if args.json:
        console.write_json(present_search(answer).model_dump(mode="json"))
        return OK
    _tell_skipped(answer.degraded, console)
    if not answer.hits:
        console.note("nothing found")
    for hit in answer.hits:
        _write_hit(hit, console)
    return OK


def context(args: Namespace, console: Console) -> int:
    """Print text for a prompt."""
    request = ContextRequest(
        query=args.query,
        max_results=args.n,
        context_window=args.window,
        filters=_question(args).to_request().filters,
    )
    answer = with_services(args, lambda services: services.memory.context(request))
    if args.json:
        console.write_json(present_context(answer).model_dump(mode="json"))
        return OK
    _tell_skipped(answer.degraded, console)
    if answer.context:
        console.write(printable(answer.context.rstrip("\n")))
    else:
        console.note("nothing found")
    return OK


def _question(args: Namespace, **more: object) -> SearchArguments:
    given = {
        "query": args.query,
        "session_id": args.session,
        "role": args.role,
        "after": args.after,
        "before": args.before,
        "metadata": args.metadata,
        **more,
    }
    return SearchArguments.parse({k: value for k, value in given.items() if value is not None})


def _write_hit(hit: Hit, console: Console) -> None:
    memory = hit.memory
    who = str(memory.role) if memory.name is None else f"{one_line(memory.name)} ({memory.role})"
    console.write(
        f"{console.paint(f'{hit.score:.2f}', Style.BOLD)}"
        f"  {memory.created_at:%Y-%m-%d %H:%M}"
        f"  {console.paint(clipped(who, _MAX_NAME), Style.NAME)}"
        f"  {console.paint(str(memory.memory_id), Style.FAINT)}"
    )
    for line in lines_of(memory.content, console.width - _INDENT, _LINES_OF_TEXT):
        console.write(f"{' ' * _INDENT}{line}")


def _tell_skipped(degraded: Sequence[Degradation], console: Console) -> None:
    for part in degraded:
        console.note(
            f"{console.paint_note('skipped', Style.WARN)} {part.part}: {one_line(part.reason)}"
        )

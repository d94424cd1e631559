"""`sage confirm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE
from sage.cli.verb import argument, verb
from sage.domain.answer_json import to_json
from sage.domain.confirming import ConfirmRequest
from sage.domain.ids import named_id, short_id
from sage.errors import NoSpaceError, NotFoundError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from uuid import UUID

    from sage.cli.terminal.console import Console
    from sage.domain.confirming import Confirmation


@verb(
    "confirm",
    argument("memory_ids", nargs="+", metavar="MEMORY_ID", help="memories that are still true"),
    argument("--undo", action="store_true", help="undo that"),
    SPACE,
    JSON,
    examples=(
        "sage confirm 49216d62",
        "sage confirm 49216d62 --undo",
    ),
    details="An id can be shortened to its first or last four or more characters, as "
    "long as they are unique.\n\nFor a memory older than 90 days, models are "
    "shown the date of its last confirmation. Its rank does not change.\n\nThe "
    "exit code is 1 if an id was not found.",
)
def confirm(args: Namespace, console: Console) -> int:
    """Confirm that memories are still true; exit with 1 if an id was unknown."""
    requests = [
        ConfirmRequest(named_id(f"memory_ids[{place}]", one), args.undo)
        for place, one in enumerate(args.memory_ids)
    ]
    memories = AskedMemories(args)
    confirmed: list[Confirmation] = []
    unknown: list[UUID | str] = []
    for request in requests:
        try:
            confirmed.append(memories.ask(lambda there, one=request: there.confirm(one)))  # type: ignore[misc]
        except NoSpaceError:
            raise
        except NotFoundError:
            unknown.append(request.memory_id)
    if args.json:
        found = [to_json(one) for one in confirmed]
        console.write_json({"memories": found, "unknown": [*map(str, unknown)]})
    for one in () if args.json else confirmed:
        console.write(
            phrase("{id}: no longer confirmed", id=short_id(one.memory_id))
            if one.confirmed_at is None
            else phrase(
                "{id}: still true on {date}",
                id=short_id(one.memory_id),
                date=f"{one.confirmed_at.astimezone(memories.timezone):%Y-%m-%d}",
            )
        )
    for given in unknown:
        console.note(
            phrase("no id begins or ends with {part}", part=given)
            if isinstance(given, str)
            else phrase("memory {memory_id} does not exist", memory_id=str(given))
        )
    return FAILED if unknown else OK

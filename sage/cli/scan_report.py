"""Report the results of a scan to people and programs: ids and kinds, never a secret."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import SpaceFinder
from sage.cli.terminal.console import Style, styled
from sage.cli.terminal.progress import Progress
from sage.cli.views.program_name import as_called
from sage.domain.text.wording import counted, kinds_text
from sage.phrases import phrase
from sage.service.scanning.stored import find_secrets
from sage.service.scanning.texts import count_stored
from sage.store.migrate import require_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sage.cli.terminal.console import Console
    from sage.service.scanning.stored import ScanFinding
    from sage.store.connections.pool import Database

_MAX_LISTED = 20


async def scan_and_report(  # noqa: PLR0913 - what is searched, where, and how it is reported
    console: Console,
    database: Database,
    *,
    known: Collection[str],
    space: str | None,
    mask: bool,
    as_json: bool,
) -> None:
    """Find secrets in a space or all, optionally `mask` them, and report their kinds and places.

    `known` are secrets that no pattern recognizes. Raises SageError.
    """
    await require_schema(database)
    space_id = None if space is None else await SpaceFinder(database).id_of(space)
    total = await count_stored(database, space_id)
    try:
        with Progress(console, "masking" if mask else "scanning", total) as progress:
            found = await find_secrets(
                database, progress.advance, known=known, space_id=space_id, mask=mask
            )
    except asyncio.CancelledError:
        message = phrase("interrupted; what was masked stays masked" if mask else "interrupted")
        console.note(message)
        raise
    if as_json:
        console.write_json(_as_json(progress.done, found, masked=mask))
    else:
        _write(console, progress.done, found, masked=mask)


def _as_json(scanned: int, found: Sequence[ScanFinding], *, masked: bool) -> dict[str, object]:
    return {
        "scanned": scanned,
        "kinds": dict(_kinds_of(found)),
        "masked": masked,
        "memories": [
            {"memory_id": str(one.memory_id), "space": one.space_id, "kinds": dict(one.kinds)}
            for one in found
        ],
    }


def _write(console: Console, scanned: int, found: Sequence[ScanFinding], *, masked: bool) -> None:
    looked_at = counted(scanned, "memory", "memories")
    if not found:
        console.write(phrase("no secrets in {looked_at}", looked_at=looked_at))
        return
    kinds = _kinds_of(found)
    secrets = counted(kinds.total(), "secret", "secrets")
    line = phrase(
        "{done} {secrets} in {number:,} of {looked_at}: {kinds}",
        done=phrase("masked") if masked else phrase("found"),
        secrets=secrets,
        number=len(found),
        looked_at=looked_at,
        kinds=kinds_text(kinds),
    )
    console.write(*styled(line, done=Style.GOOD if masked else Style.WARN))
    for one in found[:_MAX_LISTED]:
        console.write((str(one.memory_id), Style.NAME), f"  {kinds_text(one.kinds)}")
    if len(found) > _MAX_LISTED:
        console.write(
            phrase("and {count:,} more: --json lists all", count=len(found) - _MAX_LISTED)
        )
    if masked:
        console.write(as_called("a running Sage, or `sage reembed`, embeds these memories again"))
        console.write(phrase("older backups still contain the secrets: revoke the important ones"))
    else:
        console.write(as_called("to mask them: `sage scan --write`"))


def _kinds_of(found: Sequence[ScanFinding]) -> Counter[str]:
    return sum((Counter(one.kinds) for one in found), Counter())

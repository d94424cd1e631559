"""Save more messages than one call allows, in parts, into one session."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from sage.cli.terminal.progress import Progress
from sage.domain import limits
from sage.domain.ids import split_ids
from sage.domain.memories import Indexed, SaveReceipt, SaveRequest
from sage.domain.provenance import Via
from sage.domain.text.wording import one_line
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.api.arguments import SaveArguments
    from sage.bootstrap import Services
    from sage.cli.terminal.console import Console
    from sage.domain.memories import Message

_MESSAGES_PER_PART = 200


def split_messages(messages: Sequence[Message], arguments: SaveArguments) -> Sequence[SaveRequest]:
    """Return one request for messages, or several if there are more than a call may save.

    Raises InvalidInputError.
    """
    several = len(messages) > limits.MAX_MESSAGES_PER_SAVE
    size = _MESSAGES_PER_PART if several else len(messages)
    replaces, replaces_short = split_ids("replaces", arguments.replaces or ())
    key = arguments.idempotency_key or (str(uuid4()) if several else None)
    return [
        SaveRequest(
            tuple(messages[start : start + size]),
            arguments.session_id,
            arguments.metadata or {},
            f"{key}/{start // size}" if several else key,
            replaces=replaces,
            replaces_short=replaces_short,
            source=Via.CLI,
        )
        for start in range(0, len(messages), size)
    ]


async def save_in_parts(
    services: Services, requests: Sequence[SaveRequest], console: Console
) -> SaveReceipt:
    """Save the parts in order into one session; return one receipt for all.

    Raises SageError.
    """
    if len(requests) == 1:
        return await services.memory.save(requests[0])
    key = (requests[0].idempotency_key or "").rpartition("/")[0]
    console.note(
        phrase(
            "saving in {count} parts; if interrupted, resume with --idempotency-key {key}",
            count=len(requests),
            key=one_line(key),
        )
    )
    receipts: list[SaveReceipt] = []
    total = sum(len(request.messages) for request in requests)
    with Progress(console, "saving", total) as progress:
        for request in requests:
            session_id = receipts[0].session_id if receipts else request.session_id
            receipts.append(await services.memory.save(replace(request, session_id=session_id)))
            progress.advance(len(request.messages))
    return SaveReceipt(
        session_id=receipts[0].session_id,
        memory_ids=tuple(one for receipt in receipts for one in receipt.memory_ids),
        saved=any(receipt.saved for receipt in receipts),
        indexed=min(receipts, key=lambda receipt: receipt.indexed is Indexed.READY).indexed,
        masked=sum((Counter(receipt.masked) for receipt in receipts), Counter()),
    )

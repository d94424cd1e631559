"""Save more than one call may hold: part after part, into one session."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.memories import Indexed, SaveReceipt
from sage.terminal.progress import Progress
from sage.terminal.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.bootstrap import Services
    from sage.domain.memories import SaveRequest
    from sage.terminal.console import Console


async def save_in_parts(
    services: Services, requests: Sequence[SaveRequest], console: Console
) -> SaveReceipt:
    """Save the parts one after the other into one session; return one receipt for all.

    Raises SageError.
    """
    if len(requests) == 1:
        return await services.memory.save(requests[0])
    key = (requests[0].idempotency_key or "").rpartition("/")[0]
    console.note(
        f"saving in {len(requests)} parts; if interrupted, resume with"
        f" --idempotency-key {one_line(key)}"
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

"""Erasing a space, or what somebody saved, for good; and the receipt of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from sage.access.audit.event import note_action, note_ids
from sage.access.authorization import current_manager
from sage.console.managing import form_of
from sage.console.paths import ACCESS
from sage.console.space_pages import UNCONFIRMED
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError
from sage.operations.managed_erasing import (
    erase_managed,
    preview_erasure,
    read_managed_receipt,
)
from sage.service.erasure.target import ErasureTarget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.console.visit import Visit

PATH = f"{ACCESS}/erase"
RECEIPT_PATH = f"{ACCESS}/receipts/{{erasure_id}}"
_MOST_IN_PAGE = 500_000
"""How many characters a receipt may have to stand in a page, which may be the last one."""


async def erase(visit: Visit) -> Response:
    """Show what would be gone, or erase it once its name was typed.

    Raises InvalidInputError, NotFoundError, ForbiddenError, ConflictError, SageError.
    """
    manager, services = current_manager(), visit.services
    note_action("preview_erasure")
    if visit.request.method == "GET":
        return await _asked(visit, _target(visit.request.query_params))
    form = await form_of(visit)
    target = _target(form)
    note_action("erase_space" if target.is_space else "erase_author")
    note_ids(target.names)
    confirmed = form.get("confirm", "")
    if confirmed != (target.space if target.is_space else target.author):
        return await _asked(visit, target, is_wrong=True)
    erased = await erase_managed(services.database, services.settings, manager, target, confirmed)
    receipt = f"{json.dumps(erased.receipt, ensure_ascii=False, indent=2)}\n"
    if manager.manages_all:
        address = visit.at(RECEIPT_PATH.format(erasure_id=erased.erasure_id))
    elif len(receipt) <= _MOST_IN_PAGE:
        address = f"data:application/json;charset=utf-8,{quote(receipt)}"
    else:
        address = ""
    own = visit.principal.token
    return visit.show(
        "erased.html", target=target, erased=erased, receipt=address, lost_own=own in erased.tokens
    )


async def receipt(visit: Visit) -> Response:
    """Return a receipt, to be kept as a file. Raises ForbiddenError, NotFoundError."""
    note_action("read_receipt")
    erasure_id = str(visit.request.path_params["erasure_id"])
    note_ids([erasure_id])
    found = await read_managed_receipt(visit.services.settings, current_manager(), erasure_id)
    return Response(
        f"{json.dumps(found, ensure_ascii=False, indent=2)}\n",
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{found["erasure_id"]}.json"'},
    )


async def _asked(visit: Visit, target: ErasureTarget, *, is_wrong: bool = False) -> Response:
    found = await preview_erasure(visit.services.database, current_manager(), target)
    return visit.show(
        "erase.html",
        status=UNCONFIRMED if is_wrong else 200,
        target=target,
        found=found,
        is_wrong=is_wrong,
        is_emptied=target.is_space and target.space == DEFAULT_SPACE,
    )


def _target(asked: Mapping[str, str]) -> ErasureTarget:
    """Return what is meant. Raises InvalidInputError."""
    space, author = (asked.get(name, "").strip() or None for name in ("space", "author"))
    if space is None and author is None:
        raise InvalidInputError(
            "author", "{field} is missing", hint="name the space, or who saved what is to be erased"
        )
    return ErasureTarget(space, author=author)

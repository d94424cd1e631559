"""Permanent erasure of a space, or of what a user saved, and its receipt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import Response

from sage.access.audit.event import note_action, note_ids
from sage.access.authorization import current_manager
from sage.console.access import form_of
from sage.console.addresses import ACCESS
from sage.console.space import UNCONFIRMED
from sage.domain.accounts import Erasure, ErasureProgress
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError
from sage.operations.erasing import preview_erasure, read_managed_receipt
from sage.service.erasure.target import ErasureTarget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.console.context import PageContext

PATH = f"{ACCESS}/erase"
PROGRESS_PATH = f"{ACCESS}/erasures/{{erasure_id}}"
RECEIPT_PATH = f"{ACCESS}/receipts/{{erasure_id}}"
_MAX_IN_PAGE = 500_000
"""The maximum characters of a receipt in a page, which may be the last one."""


async def erase(context: PageContext) -> Response:
    """Show what would be erased, or erase it once its name was typed.

    Raises InvalidInputError, NotFoundError, ForbiddenError, ConflictError, SageError.
    """
    manager, services = current_manager(), context.services
    note_action("preview_erasure")
    if context.request.method == "GET":
        return await _asked(context, _target(context.request.query_params))
    form = await form_of(context)
    target = _target(form)
    note_action("erase_space" if target.is_space else "erase_author")
    note_ids(target.names)
    confirmed = form.get("confirm", "")
    if confirmed != (target.space if target.is_space else target.author):
        return await _asked(context, target, is_wrong=True)
    erased = await services.erasures.erase(manager, target, confirmed)
    if isinstance(erased, ErasureProgress):
        return context.redirect(PROGRESS_PATH.format(erasure_id=erased.erasure_id))
    return _done(context, target, erased)


async def progress(context: PageContext) -> Response:
    """Show how far an erasure is, or its receipt. Raises ForbiddenError, NotFoundError."""
    note_action("read_erasure")
    erasure_id = str(context.request.path_params["erasure_id"])
    note_ids([erasure_id])
    found = await context.services.erasures.read(current_manager(), erasure_id)
    if found.receipt is None:
        share = 100 * found.erased / max(1, found.erased + found.left)
        return context.render("erasing.html", found=found, share=share)
    receipt: Mapping[str, Any] = found.receipt
    erased = Erasure(
        found.name, found.erasure_id, receipt["rows"], (), (), receipt["left_in"], receipt
    )
    page = _done(context, ErasureTarget(**receipt["target"]), erased)
    if context.is_partial:
        page.headers["hx-refresh"] = "true"
    return page


def _done(context: PageContext, target: ErasureTarget, erased: Erasure) -> Response:
    """Show what was erased, with its receipt."""
    if current_manager().manages_all:
        address = context.at(RECEIPT_PATH.format(erasure_id=erased.erasure_id))
    elif len(receipt := _text_of(erased.receipt)) <= _MAX_IN_PAGE:
        address = f"data:application/json;charset=utf-8,{quote(receipt)}"
    else:
        address = ""
    own = context.principal.token
    return context.render(
        "erased.html", target=target, erased=erased, receipt=address, lost_own=own in erased.tokens
    )


async def receipt(context: PageContext) -> Response:
    """Return a receipt as a download. Raises ForbiddenError, NotFoundError."""
    note_action("read_receipt")
    erasure_id = str(context.request.path_params["erasure_id"])
    note_ids([erasure_id])
    found = await read_managed_receipt(context.services.settings, current_manager(), erasure_id)
    return Response(
        _text_of(found),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{found["erasure_id"]}.json"'},
    )


def _text_of(receipt: Mapping[str, object]) -> str:
    return f"{json.dumps(receipt, ensure_ascii=False, indent=2)}\n"


async def _asked(
    context: PageContext, target: ErasureTarget, *, is_wrong: bool = False
) -> Response:
    found = await preview_erasure(context.services.database, current_manager(), target)
    return context.render(
        "erase.html",
        status=UNCONFIRMED if is_wrong else 200,
        target=target,
        found=found,
        is_wrong=is_wrong,
        is_emptied=target.is_space and target.space == DEFAULT_SPACE,
    )


def _target(asked: Mapping[str, str]) -> ErasureTarget:
    """Return the target of a form. Raises InvalidInputError."""
    space, author = (asked.get(name, "").strip() or None for name in ("space", "author"))
    if space is None and author is None:
        raise InvalidInputError(
            "author",
            "{field} is missing",
            hint="pass the space, or the author whose memories to erase",
        )
    return ErasureTarget(space, author=author)

"""The page of one space: its settings, its tokens, and the form that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sage.access.accounts.spaces import MASKING
from sage.access.audit.event import note_action, note_ids
from sage.access.authorization import current_manager
from sage.console.access import LIFETIMES, ROLES, form_of
from sage.console.addresses import ACCESS
from sage.domain.accounts import SpaceChange
from sage.domain.memories import DEFAULT_SPACE
from sage.service.erasure.retention import OFF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from sage.access.accounts.spaces import Space
    from sage.console.context import PageContext

UNCONFIRMED = 422
"""The status for a form that has to confirm what it deletes, as over REST."""
PATH = f"{ACCESS}/spaces/{{name}}"


async def space(context: PageContext) -> Response:
    """Show a space, or change it.

    Raises NoSpaceError, ForbiddenError, InvalidInputError, ConflictError, StoreError.
    """
    manager, name = current_manager(), str(context.request.path_params["name"])
    note_ids([name])
    note_action("read_space" if context.request.method == "GET" else "change_space")
    settings = context.services.space_settings
    known = await settings.read(manager, name)
    if context.request.method == "GET":
        return await _shown(context, known)
    form = await form_of(context)
    change = _change(known, form)
    if change == SpaceChange(confirm=change.confirm):
        return context.redirect(_path(known.name))
    if change.retention is not None and change.confirm != name:
        older = await settings.count_older(manager, name, change.retention)
        if older:
            return await _shown(context, known, form=form, older=older)
    changed = await settings.change(manager, name, change)
    return context.redirect(f"{_path(changed.name)}?changed=1")


def _change(known: Space, form: Mapping[str, str]) -> SpaceChange:
    """Return the changes of a form; unchanged fields are left out."""
    days, masking, new_name = form.get("days"), form.get("masking"), form.get("name")
    kept = "" if known.retention_days is None else str(known.retention_days)
    return SpaceChange(
        name=new_name if new_name and new_name != known.name else None,
        retention=None if days is None or days == kept else f"{days}d" if days else OFF,
        masking=masking if masking and masking != known.masking else None,
        confirm=form.get("confirm") or None,
    )


async def _shown(
    context: PageContext, known: Space, *, form: Mapping[str, str] | None = None, older: int = 0
) -> Response:
    """Show a space; a change that would delete memories must be confirmed."""
    manager, services = current_manager(), context.services
    form = form or {}
    tokens = await services.token_accounts.list_tokens(manager)
    granted = [one.space for one in context.principal.grants]
    return context.render(
        "space.html",
        status=UNCONFIRMED if older else 200,
        one=known,
        older=older,
        is_wrong=bool(form.get("confirm")),
        days=form.get("days", "" if known.retention_days is None else known.retention_days),
        masking=form.get("masking", known.masking),
        new_name=form.get("name", known.name),
        maskings=MASKING,
        manager=manager,
        tokens=[token for token in tokens if known.name in token.spaces],
        users=await services.accounts.list_users(manager) if manager.manages_all else [],
        roles=ROLES,
        lifetimes=LIFETIMES,
        is_default=known.name == DEFAULT_SPACE,
        is_open=known.name in granted,
        has_changed="changed" in context.request.query_params,
    )


def _path(name: str) -> str:
    return f"{ACCESS}/spaces/{quote(name, safe='')}"

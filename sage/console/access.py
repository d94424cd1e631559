"""The page of spaces, users, tokens and apps, with the forms that change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.access.audit.event import note_ids
from sage.access.authorization import current_manager
from sage.console.addresses import ACCESS
from sage.domain.accounts import TokenRequest
from sage.domain.caller import SpaceRole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.accounts import ShownToken

LIFETIMES = ("30d", "90d", "52w")
ROLES = tuple(str(role) for role in SpaceRole)
_SHOWN = 50
"""The maximum length of a displayed list; a part of a name narrows it."""


async def access(context: PageContext) -> Response:
    """Show what the caller manages. Raises ForbiddenError, StoreError."""
    manager, services = current_manager(), context.services
    find = context.request.query_params.get("find", "").strip()
    lists: dict[str, Any] = {
        "spaces_managed": await services.accounts.list_spaces(
            manager, find=find or None, most=_SHOWN + 1
        ),
        "users": _named(find, await services.accounts.list_users(manager), "name", "opens")
        if manager.manages_all
        else [],
        "tokens": _named(
            find, await services.token_accounts.list_tokens(manager), "name", "user_name", "opens"
        ),
        "apps": _named(
            find, await services.token_accounts.list_apps(manager), "title", "host", "opens"
        ),
    }
    return context.render(
        "access.html",
        manager=manager,
        find=find,
        shown_most=_SHOWN,
        is_long=any(len(one) > _SHOWN for one in lists.values()),
        roles=ROLES,
        lifetimes=LIFETIMES,
        **lists,
    )


def _named(find: str, listed: Sequence[object], *fields: str) -> list[object]:
    """Return the entries that contain a text in one of their fields, ignoring case."""
    wanted = find.casefold()
    return [
        one
        for one in listed
        if any(wanted in str(getattr(one, name)).casefold() for name in fields)
    ]


async def create_space(context: PageContext) -> Response:
    """Create an empty space. Raises ForbiddenError, InvalidInputError, ConflictError."""
    form = await form_of(context)
    await context.services.accounts.create_space(current_manager(), form.get("name", ""))
    return context.redirect(f"{ACCESS}#spaces")


async def add_user(context: PageContext) -> Response:
    """Add a user. Raises ForbiddenError, InvalidInputError, ConflictError."""
    form = await form_of(context)
    await context.services.accounts.add_user(current_manager(), form.get("name", ""))
    return context.redirect(f"{ACCESS}#users")


async def remove_user(context: PageContext) -> Response:
    """Remove a user and revoke their tokens. Raises ForbiddenError, NotFoundError, StoreError."""
    name = await _name_in(context)
    await context.services.accounts.remove_user(current_manager(), name)
    return context.redirect(f"{ACCESS}#users")


async def create_token(context: PageContext) -> Response:
    """Create a token, and show its secret once.

    Raises InvalidInputError, NoSpaceError, NotFoundError, ForbiddenError, ConflictError.
    """
    form = await form_of(context)
    is_of_machine = bool(form.get("machine"))
    space, role = form.get("space", ""), form.get("role", "")
    others = (str(one) for one in (await context.request.form()).getlist("also"))
    request = TokenRequest(
        opens=(
            space if is_of_machine or not role else f"{space}:{role}",
            *(one for one in others if one and one.rpartition(":")[0] != space),
        ),
        name=form.get("name") or None,
        user=form.get("user") or None,
        expires=form.get("expires") or None,
        machine=is_of_machine,
    )
    return _shown(
        context, await context.services.token_accounts.create_token(current_manager(), request)
    )


async def rotate_token(context: PageContext) -> Response:
    """Replace the secret of a token, and show the new one once.

    Raises NotFoundError, ForbiddenError, StoreError.
    """
    name = await _name_in(context)
    return _shown(
        context, await context.services.token_accounts.rotate_token(current_manager(), name)
    )


async def revoke_token(context: PageContext) -> Response:
    """Revoke a token. Raises ForbiddenError, NotFoundError, StoreError."""
    name = await _name_in(context)
    await context.services.token_accounts.revoke_token(current_manager(), name)
    return context.redirect(f"{ACCESS}#tokens")


async def revoke_app(context: PageContext) -> Response:
    """Revoke the access of an app. Raises ForbiddenError, NotFoundError, StoreError."""
    name = await _name_in(context)
    await context.services.token_accounts.revoke_app(current_manager(), name)
    return context.redirect(f"{ACCESS}#apps")


CHANGES = {
    f"{ACCESS}/spaces": create_space,
    f"{ACCESS}/users": add_user,
    f"{ACCESS}/users/remove": remove_user,
    f"{ACCESS}/tokens": create_token,
    f"{ACCESS}/tokens/rotate": rotate_token,
    f"{ACCESS}/tokens/revoke": revoke_token,
    f"{ACCESS}/apps/revoke": revoke_app,
}
"""The forms of the page, by their target."""


async def form_of(context: PageContext) -> Mapping[str, str]:
    """Return the fields of a form, without surrounding spaces."""
    return {name: str(value).strip() for name, value in (await context.request.form()).items()}


async def _name_in(context: PageContext) -> str:
    """Return the name that a form is about, and note it for the audit log."""
    name = (await form_of(context)).get("name", "")
    note_ids([name])
    return name


def _shown(context: PageContext, token: ShownToken) -> Response:
    return context.render("secret.html", token=token)

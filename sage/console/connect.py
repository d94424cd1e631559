"""The page that connects AI clients."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.access.audit.event import note_entry
from sage.api.access import required_token
from sage.api.http.clients import address_of
from sage.config.container import is_own_image
from sage.config.values import is_loopback
from sage.errors import NotFoundError
from sage.operations.client_catalog import list_clients, script_beside
from sage.phrases import phrase

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.context import PageContext


async def connect(context: PageContext) -> Response:
    """Show how each client is connected to this Sage. Raises NotFoundError for an unknown one."""
    note_entry(context.principal, {})
    services, address = context.services, own_address(context)
    seen = await asyncio.to_thread(services.seen.last_seen, context.principal)
    listed = list_clients(
        address,
        services.settings.data_dir if context.principal.admin else None,
        seen,
        needs_token=required_token(services.settings.server) is not None,
        program=program(context),
    )
    wanted = context.request.query_params.get("client") or listed.clients[0].name
    chosen = next((one for one in listed.clients if one.name == wanted), None)
    if chosen is None:
        raise NotFoundError(
            phrase("client {name} does not exist", name=repr(wanted)[:80]),
            hint="choose one from the list",
        )
    return context.render(
        "connect.html",
        listed=listed,
        chosen=chosen,
        is_here=has_sage_beside(address),
        get_client=getting_client(address),
    )


def has_sage_beside(address: str) -> bool:
    """Return whether clients that use an address have the command `sage` on their machine.

    In an image of Sage there are no clients.
    """
    return not is_own_image() and is_loopback(urlsplit(address).hostname or "")


def program(context: PageContext) -> str:
    """Return the command for `sage` from any folder; its path, for local viewers of the server."""
    is_shown = context.principal.admin and has_sage_beside(own_address(context))
    return script_beside() if is_shown else "sage"


def own_address(context: PageContext) -> str:
    """Return the address at which a browser reached this Sage."""
    return address_of(context.request, context.services.settings.server).rstrip("/")


def getting_client(address: str) -> str:
    """Return the command that downloads the single-file client."""
    return shlex.join(("curl", "-fsSLO", f"{address}/client/sage-client.pyz"))

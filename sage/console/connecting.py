"""The pages that connect AI clients, and that bring in what was said before."""

from __future__ import annotations

import asyncio
import shlex
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.access.audit.event import note_entry, note_ids
from sage.access.authorization import current_importer
from sage.api.access import required_token
from sage.api.http.clients import address_of
from sage.config.container import is_own_image
from sage.console.paths import IMPORTS
from sage.domain.validation import validate_id
from sage.errors import NotFoundError
from sage.operations.client_catalog import list_clients
from sage.phrases import phrase

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.visit import Visit

_ON_THE_MACHINE = "sage"
_ELSEWHERE = "python3 sage-client.pyz"


async def connect(visit: Visit) -> Response:
    """Show what connects each client to this Sage. Raises NotFoundError for an unknown one."""
    note_entry(visit.principal, {})
    services, address = visit.services, _address(visit)
    heard = await asyncio.to_thread(services.heard.last_heard, visit.principal)
    listed = list_clients(
        address,
        services.settings.data_dir if visit.principal.admin else None,
        heard,
        needs_token=required_token(services.settings.server) is not None,
    )
    wanted = visit.request.query_params.get("client") or listed.clients[0].name
    chosen = next((one for one in listed.clients if one.name == wanted), None)
    if chosen is None:
        raise NotFoundError(
            phrase("there is no client {name}", name=repr(wanted)[:80]),
            hint="choose one of the list",
        )
    return visit.show(
        "connect.html",
        listed=listed,
        chosen=chosen,
        is_here=has_sage_beside(address),
        get_client=_getting(address),
    )


async def imports(visit: Visit) -> Response:
    """Show how to bring in what was said before, and what was. Raises ForbiddenError, StoreError.

    A writer is shown their own imports, an owner all.
    """
    found = await visit.services.imports.list_imports(current_importer(visit.space))
    address = _address(visit)
    is_here = has_sage_beside(address)
    return visit.show(
        "imports.html",
        imports=found.imports,
        is_here=is_here,
        program=_ON_THE_MACHINE if is_here else _ELSEWHERE,
        get_client=_getting(address),
        where="" if is_here else f" --url {shlex.quote(address)}",
        left=visit.request.query_params.get("left", ""),
    )


async def undo_import(visit: Visit) -> Response:
    """Delete what came with an import.

    Raises InvalidInputError, ForbiddenError, NotFoundError, StoreError.
    """
    form = await visit.request.form()
    importer = current_importer(visit.space)
    import_id = validate_id("id", str(form.get("id", "")))
    note_ids([import_id])
    undone = await visit.services.imports.undo(importer, import_id)
    return visit.go(f"{IMPORTS}?left={undone.left}" if undone.left else IMPORTS)


def has_sage_beside(address: str) -> bool:
    """Return whether clients that use an address have the command `sage` on their machine.

    In an image of Sage there is no client.
    """
    if is_own_image():
        return False
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(visit: Visit) -> str:
    return address_of(visit.request, visit.services.settings.server).rstrip("/")


def _getting(address: str) -> str:
    return shlex.join(("curl", "-fsSLO", f"{address}/client/sage-client.pyz"))

"""Routes about AI clients: how to connect each that Sage supports, and `/client/sage-client.pyz`.

That file is the client for machines without another part of Sage. It and its digest are public,
like the probes: they contain no secret, and a machine that is to be connected has no token yet.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sage.access.audit.event import note_entry
from sage.access.authorization import current_principal
from sage.api.access import BY_OWNER, required_token
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.me import ABOUT_THE_CALLER
from sage.clients.archive import digest_of, packed_here
from sage.domain.connectable import ClientList  # noqa: TC001 - FastAPI reads the annotation
from sage.local.http_probe import reachable_address
from sage.operations.client_catalog import list_clients

if TYPE_CHECKING:
    from starlette.requests import Request

    from sage.config.server_settings import ServerSettings

router = APIRouter(prefix="/api/v1", tags=["clients"], responses=ABOUT_THE_CALLER)


@router.get("/clients", summary="List AI clients")
async def list_ai_clients(request: Request, services: Opened) -> ClientList:
    """List the supported AI clients, with the configuration, commands and hooks of each.

    The entries use the address of this request, and refer to the token if one is required.
    """
    principal = current_principal()
    note_entry(principal, {})
    seen = await asyncio.to_thread(services.seen.last_seen, principal)
    settings = services.settings
    return list_clients(
        address_of(request, settings.server),
        settings.data_dir if principal.admin else None,
        seen,
        needs_token=required_token(settings.server) is not None,
    )


def address_of(request: Request, server: ServerSettings) -> str:
    """Return the address at which a caller reaches this Sage: the public one, or that they used."""
    if server.public_url is not None:
        return server.public_url
    if request.scope.get(BY_OWNER):
        return f"http://{reachable_address(server.host, server.port)}"
    return f"{request.url.scheme}://{request.headers['host']}"


PATH = "/client/sage-client.pyz"
DIGEST_PATH = f"{PATH}.sha256"

_NAME = PATH.rpartition("/")[2]


class ClientFile(NamedTuple):
    """The file and the digest of its content."""

    content: bytes
    sha256: str


@cache
def client_file() -> ClientFile:
    """Return the client of this release. Raises OSError."""
    content = packed_here()
    return ClientFile(content, digest_of(content))


async def _file(_: Request) -> Response:
    file = await asyncio.to_thread(client_file)
    headers = {
        "cache-control": "no-cache",
        "content-disposition": f'attachment; filename="{_NAME}"',
        "etag": f'"{file.sha256}"',
    }
    return Response(file.content, media_type="application/zip", headers=headers)


async def _digest(_: Request) -> Response:
    file = await asyncio.to_thread(client_file)
    text = f"{file.sha256}  {_NAME}\n"
    return PlainTextResponse(text, headers={"cache-control": "no-cache"})


CLIENT_ROUTES = (
    Route(PATH, _file, methods=["GET"]),
    Route(DIGEST_PATH, _digest, methods=["GET"]),
)

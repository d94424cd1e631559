"""The AI clients that Sage knows, and what connects each to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from sage.access.audit.event import note_entry
from sage.access.authorization import current_principal
from sage.api.access import BY_OWNER, required_token
from sage.api.http.me import ABOUT_THE_CALLER
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.connectable import ClientList  # noqa: TC001 - FastAPI reads the annotation
from sage.local.http_probe import place_of
from sage.operations.client_catalog import list_clients

if TYPE_CHECKING:
    from sage.config.server_settings import ServerSettings

router = APIRouter(prefix="/api/v1", tags=["clients"], responses=ABOUT_THE_CALLER)


@router.get("/clients")
async def list_ai_clients(request: Request, services: Opened) -> ClientList:
    """List the AI clients that can be connected: file and entry, command, link, hooks of each.

    They are for the address that you reach this Sage at, and name its token where one is required.
    """
    principal = current_principal()
    note_entry(principal, {})
    heard = await asyncio.to_thread(services.heard.last_heard, principal)
    settings = services.settings
    return list_clients(
        address_of(request, settings.server),
        settings.data_dir if principal.admin else None,
        heard,
        needs_token=required_token(settings.server) is not None,
    )


def address_of(request: Request, server: ServerSettings) -> str:
    """Return the address that a caller reaches this Sage at: the public one, or that they used."""
    if server.public_url is not None:
        return server.public_url
    if request.scope.get(BY_OWNER):
        return f"http://{place_of(server.host, server.port)}"
    return f"{request.url.scheme}://{request.headers['host']}"

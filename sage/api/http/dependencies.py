"""Parameters of routes: the services, ids of memories, and the caller on the command line."""

from __future__ import annotations

from hmac import compare_digest
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Depends, Path, Request
from starlette.exceptions import HTTPException

from sage.api.access import BY_OWNER
from sage.api.arguments.values import MEMORY_ID
from sage.bootstrap import Services
from sage.clients.data_dir.server_socket import CONFIGURATION_HEADER


async def opened_services(request: Request) -> Services:
    """Return the services the application opened."""
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(opened_services)]
MemoryId = Annotated[str, Path(description=MEMORY_ID)]
"""The id of a memory in the path of a route, whole or a part of it."""


def is_by_command_line(request: Request) -> bool:
    """Return whether the request comes from the command line of the owner."""
    return bool(request.scope.get(BY_OWNER)) and CONFIGURATION_HEADER in request.headers


async def require_same_configuration(request: Request) -> None:
    """Reject requests of a command line that has another configuration.

    Raises HTTPException with status 412.
    """
    if not is_by_command_line(request):
        return
    received = request.headers[CONFIGURATION_HEADER].encode()
    if not compare_digest(received, request.app.state.fingerprint.encode()):
        raise HTTPException(
            HTTPStatus.PRECONDITION_FAILED, "this server is configured otherwise than the command"
        )

"""Dependencies of routes: the services of the application, and the caller on the command line."""

from __future__ import annotations

from hmac import compare_digest
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from sage.api.access import BY_OWNER
from sage.bootstrap import Services
from sage.clients.data_dir.server_socket import CONFIGURATION_HEADER


async def opened_services(request: Request) -> Services:
    """Return the services the application opened."""
    return cast("Services", request.app.state.services)


Opened = Annotated[Services, Depends(opened_services)]


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

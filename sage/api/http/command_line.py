"""Requests of the command line: they come by the Unix socket, and say how it is configured."""

from __future__ import annotations

from hmac import compare_digest
from http import HTTPStatus

from fastapi import Request  # noqa: TC002 - FastAPI reads the annotation
from starlette.exceptions import HTTPException

from sage.api.access import BY_OWNER
from sage.clients.data_dir.server_socket import CONFIGURATION_HEADER


def is_by_command_line(request: Request) -> bool:
    """Return whether the command line of the owner asks."""
    return bool(request.scope.get(BY_OWNER)) and CONFIGURATION_HEADER in request.headers


async def require_same_configuration(request: Request) -> None:
    """Refuse a question of a command line that is configured otherwise.

    Raises HTTPException with status 412.
    """
    if not is_by_command_line(request):
        return
    told = request.headers[CONFIGURATION_HEADER].encode()
    if not compare_digest(told, request.app.state.fingerprint.encode()):
        raise HTTPException(
            HTTPStatus.PRECONDITION_FAILED, "this server is configured otherwise than the command"
        )

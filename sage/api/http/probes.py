"""Health checks: for people, for orchestrators, and in detail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.routing import Route

from sage.access.authorization import current_caller
from sage.api.access import STOPPING
from sage.api.arguments import SpaceArguments  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import PROBLEMS
from sage.api.middleware.auth import DETAILED_HEALTH_PATH
from sage.domain.caller import SpaceRole
from sage.domain.health import DetailedHealth, Health, Readiness, ReadinessState, Status

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_STOPPING = Readiness(ready=False, reason="Sage is stopping", state=ReadinessState.STOPPING)
LIVENESS_PATH = "/health/liveness"

_ALIVE = b'{"status":"alive"}'
_ALIVE_HEADERS = (
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_ALIVE)).encode()),
)

_DETAILED: dict[int | str, dict[str, Any]] = {
    **{status: PROBLEMS[status] for status in (401, 403, 404, 421, 422, 429)},
    503: {"model": DetailedHealth},
}

router = APIRouter(tags=["health"])


class Liveness:
    """Answers while the event loop runs: it makes no calls, parses nothing, waits for nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answer 200, with a new header list since middleware adds to it."""
        await send({"type": "http.response.start", "status": 200, "headers": list(_ALIVE_HEADERS)})
        body = b"" if scope["method"] == "HEAD" else _ALIVE
        await send({"type": "http.response.body", "body": body})


LIVENESS_ROUTE = Route(LIVENESS_PATH, Liveness(), methods=["GET"])


@router.get("/health", responses={503: {"model": Health}})
async def health(services: Opened, request: Request, response: Response) -> Health:
    """Report the health of Sage: healthy, degraded (works without some part) or unhealthy (503).

    If a token is required, the number of memories is included only if the request has it.
    """
    report = await services.health.summary()
    if not request.scope["authorized"]:
        report = replace(report, memory_count=None)
    response.status_code = 503 if report.status is Status.UNHEALTHY else 200
    return report


@router.get(DETAILED_HEALTH_PATH, responses=_DETAILED)
async def detailed_health(
    services: Opened,
    request: Request,
    response: Response,
    arguments: Annotated[SpaceArguments, Query()],
) -> DetailedHealth:
    """Report the health of each part, and figures of the machine and its container.

    An owner of a space gets the state of its queue, and of the components that all calls need.
    """
    if request.scope["authorized"]:
        report = await services.health.detailed()
    else:
        owner = current_caller(SpaceRole.OWNER, arguments.space)
        report = await services.health.of_space(owner.space_id)
    response.status_code = 503 if report.status is Status.UNHEALTHY else 200
    return report


@router.get("/health/readiness", responses={503: {"model": Readiness}})
async def readiness(services: Opened, request: Request, response: Response) -> Readiness:
    """Report whether Sage can answer calls: the database responds and its schema is current.

    Sage is also ready if a model provider does not respond; searches then go by words. It is no
    longer ready once it is shutting down.
    """
    stopping = request.scope.get("state", {}).get(STOPPING)
    report = _STOPPING if stopping else await services.health.readiness()
    response.status_code = 200 if report.ready else 503
    return report

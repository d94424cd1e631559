"""The paths of earlier releases: they answer like their successors, marked as deprecated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders

from sage.api.http import rest

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

SUCCESSORS = {
    "/save_conversation": "/api/v1/conversations",
    "/search_memory": "/api/v1/search",
    "/get_context": "/api/v1/context",
}
_SINCE = "@1795478400"  # 2026-11-24, as RFC 9745 writes dates


class DeprecatedRoute(APIRoute):
    """A route whose responses are marked deprecated and name its successor (RFC 9745, 8288)."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["deprecation"] = _SINCE
                headers["link"] = f'<{SUCCESSORS[self.path]}>; rel="successor-version"'
            await send(message)

        await super().handle(scope, receive, send_marked)


router = APIRouter(route_class=DeprecatedRoute, tags=["former paths"], responses=rest.PROBLEMS)


def _add(path: str, answer: Any, responses: dict[int | str, Any] | None = None) -> None:  # noqa: ANN401 - an endpoint, typed where it is written
    name = path.removeprefix("/")
    router.add_api_route(
        path,
        answer,
        methods=["POST"],
        deprecated=True,
        operation_id=f"{name}_by_its_former_path",
        summary=f"Former path of {SUCCESSORS[path]}",
        responses=responses,
    )


_add("/save_conversation", rest.save_conversation, rest.CONFLICT)
_add("/search_memory", rest.search_memory)
_add("/get_context", rest.get_context)

"""The routes of a path: one for each of its methods, while the framework uses only the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.routing import Match, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

_OF_PROGRAMS = ("/api/", "/mcp", "/health", "/metrics", "/register", "/.well-known/", "/client/")


def routes_at(scope: Scope) -> Iterator[Route]:
    """Yield the routes at the path of a request, whatever its method is."""
    for top in scope["app"].router.routes:
        for route in getattr(getattr(top, "original_router", None), "routes", [top]):
            if isinstance(route, Route) and route.matches(scope)[0] != Match.NONE:
                yield route


def methods_at(scope: Scope) -> list[str]:
    """Return the methods of the path of a request, as documented."""
    found = [*routes_at(scope)]
    same = (one for one in found if one.path == found[0].path and one.include_in_schema)
    return sorted({method for route in same for method in route.methods or ()})


def is_typed(scope: Scope) -> bool:
    """Return whether a browser requests a page, at an address that is not for programs."""
    accepted = Headers(scope=scope).get("accept", "")
    is_page = scope["method"] == "GET" and "text/html" in accepted
    return is_page and not scope["path"].startswith(_OF_PROGRAMS)


def has_page_for_lost(scope: Scope) -> bool:
    """Return whether a browser requests a path without a route, which is answered by a page."""
    has_page = scope["app"].state.not_found is not None
    return has_page and is_typed(scope) and next(routes_at(scope), None) is None

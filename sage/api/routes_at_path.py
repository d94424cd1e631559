"""Which routes a path has: one for each of its methods, where the framework takes the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope


def routes_at(scope: Scope) -> Iterator[Route]:
    """Yield the routes at the path of a request, whatever its method is."""
    for top in scope["app"].router.routes:
        for route in getattr(getattr(top, "original_router", None), "routes", [top]):
            if isinstance(route, Route) and route.matches(scope)[0] != Match.NONE:
                yield route


def methods_at(scope: Scope) -> list[str]:
    """Return the methods of the path that a request is for, as it is documented."""
    found = [*routes_at(scope)]
    same = (one for one in found if one.path == found[0].path and one.include_in_schema)
    return sorted({method for route in same for method in route.methods or ()})

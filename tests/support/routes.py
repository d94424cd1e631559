"""The routes that an application serves."""

from fastapi.routing import APIRoute
from starlette.routing import Route


def served_routes(app):
    """Return every method and path the application serves."""
    found, waiting = set(), list(app.routes)
    while waiting:
        route = waiting.pop()
        waiting += getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", []
        )
        if isinstance(route, Route | APIRoute):
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    return found

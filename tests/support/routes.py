"""The routes that an application serves."""

from fastapi.routing import APIRoute
from starlette.routing import Route

from sage.api.http.app import create_app
from tests.support.serving import settings_for


def served_routes(data_dir):
    """Return every method and path the application serves."""
    found, waiting = set(), list(create_app(settings_for(None, data_dir)).routes)
    while waiting:
        route = waiting.pop()
        waiting += getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", []
        )
        if isinstance(route, Route | APIRoute):
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
    return found

"""The address at which people and AI clients reach the Sage of a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.clients.connect.server import MCP_PATH
from sage.config.container import is_own_image
from sage.local.http_probe import reachable_address

if TYPE_CHECKING:
    from sage.config.server_settings import ServerSettings
    from sage.local.data_dir.instance import RunningInstance


def reached_at(server: ServerSettings, running: RunningInstance | None = None) -> str:
    """Return the address that people and clients use, without a slash at its end.

    It is the public address; in a container the first published one; otherwise the one that Sage
    listens on.
    """
    place = running or server
    address = reachable_address(place.host, place.port)
    if is_own_image():
        address = next(iter(server.published_addresses), address)
    return (server.public_url or f"http://{address}").rstrip("/")


def mcp_url(server: ServerSettings, running: RunningInstance | None = None) -> str:
    """Return the address for clients; `running` is the Sage that runs with these settings."""
    return reached_at(server, running) + MCP_PATH

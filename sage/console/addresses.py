"""The addresses of pages: their paths, and the origin and prefix at which a browser sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request

    from sage.domain.memories import MemoryRecord

SESSIONS = "/sessions"
CAPTURE = "/capture"
CONNECT = "/connect"
GIVEN = "/given"
IMPORTS = "/connect/imports"
SYSTEM = "/system"
ACCESS = "/system/access"
AUDIT = "/system/audit"
TIDY = "/tidy"
FORGOTTEN = "/forgotten"
FORMS = (ACCESS, GIVEN, IMPORTS, TIDY, FORGOTTEN)
"""Pages with forms, which are sent to paths below them."""


def session_path(session_id: str) -> str:
    """Return the path of a conversation."""
    return f"{SESSIONS}/{quote(session_id, safe='')}"


def message_path(memory: MemoryRecord) -> str:
    """Return the path of a message in its conversation, to which the page scrolls."""
    return f"{session_path(memory.session_id)}?hit={memory.memory_id}#m{memory.memory_id}"


_IMPLIED_PORTS = {"http": ":80", "https": ":443"}


class PublicAddress:
    """Recognizes requests for the public address: a proxy may serve it below a prefix."""

    def __init__(self, public_url: str | None) -> None:
        parts = urlsplit(public_url or "")
        self._scheme = parts.scheme
        self._host = _written(parts.scheme, parts.netloc)
        self._prefix = parts.path.rstrip("/")

    def origin_of(self, request: Request) -> str:
        """Return the origin of a request as its browser sees it."""
        host = request.headers.get("host", "").lower()
        scheme = self._scheme if self._is_public(request) else request.url.scheme
        return f"{scheme}://{_written(scheme, host)}"

    def prefix_of(self, request: Request) -> str:
        """Return the prefix of each path of Sage in the address of a request."""
        return self._prefix if self._is_public(request) else ""

    def _is_public(self, request: Request) -> bool:
        host = _written(self._scheme, request.headers.get("host", "").lower())
        return bool(self._host) and host == self._host


def _written(scheme: str, host: str) -> str:
    return host.lower().removesuffix(_IMPLIED_PORTS.get(scheme, ":"))

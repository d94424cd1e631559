"""The static files of pages, cached indefinitely below the digest of all of them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

PREFIX = "/static/"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Asset:
    media_type: str
    plain: bytes
    packed: bytes


def _read(path: Path) -> _Asset:
    plain = path.read_bytes()
    return _Asset(_TYPES[path.suffix], plain, gzip.compress(plain, mtime=0))


_ASSETS = {
    path.name: _read(path)
    for path in sorted((Path(__file__).parent / "static").iterdir())
    if path.suffix in _TYPES
}
DIGEST = hashlib.sha256(b"".join(asset.plain for asset in _ASSETS.values())).hexdigest()[:16]


async def asset(request: Request) -> Response:
    """Return a file, compressed if the browser accepts that; 404 for one not of this release."""
    del request.scope["principal"]  # files are public: no event of the audit log
    found = _ASSETS.get(request.path_params["name"])
    if found is None or request.path_params["digest"] != DIGEST:
        return Response(status_code=404)
    headers = {"cache-control": _FOR_EVER, "vary": "accept-encoding"}
    if takes_gzip(request):
        headers["content-encoding"] = "gzip"
        return Response(found.packed, media_type=found.media_type, headers=headers)
    return Response(found.plain, media_type=found.media_type, headers=headers)


def takes_gzip(request: Request) -> bool:
    """Return whether a browser accepts a response compressed by gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")

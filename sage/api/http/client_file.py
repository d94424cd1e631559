"""`/client/sage-client.pyz`: the client for machines with nothing else of Sage, and its digest.

Both are for everybody who reaches the server, like the probes: they hold no secret, and a machine
that is to be connected has no token yet.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sage.clients.archive import digest_of, packed_here

if TYPE_CHECKING:
    from starlette.requests import Request

PATH = "/client/sage-client.pyz"
DIGEST_PATH = f"{PATH}.sha256"

_NAME = PATH.rpartition("/")[2]


class ClientFile(NamedTuple):
    """The file and the digest of what is in it."""

    content: bytes
    sha256: str


@cache
def client_file() -> ClientFile:
    """Return the client of this release. Raises OSError."""
    content = packed_here()
    return ClientFile(content, digest_of(content))


async def _file(_: Request) -> Response:
    file = await asyncio.to_thread(client_file)
    headers = {
        "cache-control": "no-cache",
        "content-disposition": f'attachment; filename="{_NAME}"',
        "etag": f'"{file.sha256}"',
    }
    return Response(file.content, media_type="application/zip", headers=headers)


async def _digest(_: Request) -> Response:
    file = await asyncio.to_thread(client_file)
    text = f"{file.sha256}  {_NAME}\n"
    return PlainTextResponse(text, headers={"cache-control": "no-cache"})


CLIENT_ROUTES = (
    Route(PATH, _file, methods=["GET"]),
    Route(DIGEST_PATH, _digest, methods=["GET"]),
)

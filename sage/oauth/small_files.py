"""Read small files of other hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 5.0


async def fetch_small(url: str, max_bytes: int) -> tuple[bytes, Mapping[str, str]]:
    """Read a file and the headers of its answer; follow no redirects, and give up after 5 s.

    Raises HTTPError, and ValueError for another answer than 200 and a file of over `max_bytes`.
    """
    body = b""
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as http,
        http.stream("GET", url, headers={"accept": "application/json"}) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"it is answered with {answer.status_code}")
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > max_bytes:
                raise ValueError(f"it is larger than {max_bytes:,} bytes")
    return body, answer.headers

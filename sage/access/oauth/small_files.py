"""Read small files of other hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 5.0


async def fetch_small(
    url: str, max_bytes: int, address: str | None = None
) -> tuple[bytes, Mapping[str, str]]:
    """Read a file and the headers of its answer; follow no redirects, and give up after 5 s.

    With `address`, that is called, whatever the name of the host stands for; the certificate has to
    be that of the name. Raises OSError when the host cannot be asked, ValueError for another answer
    than 200 and a file of over `max_bytes`.
    """
    import httpx  # noqa: PLC0415 - it takes 8 MB of memory, and few servers read such files

    body, called, options = b"", httpx.URL(url), {}
    headers = {"accept": "application/json"}
    if address is not None:
        headers["host"] = called.netloc.decode()
        options = {"sni_hostname": called.host}
        called = called.copy_with(host=address)
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as http,
            http.stream("GET", called, headers=headers, extensions=options) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"it is answered with {answer.status_code}")
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > max_bytes:
                    raise ValueError(f"it is larger than {max_bytes:,} bytes")
    except httpx.HTTPError as error:
        raise OSError(str(error)) from error
    return body, answer.headers

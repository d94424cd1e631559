"""Requests to servers of this machine that speak plain HTTP, cheap enough to be sent all the time.

A client of httpx reads all certificates of the machine first, which takes ten times as long as a
request. Nothing of the environment counts: no proxy, no certificate. An answer may take a minute,
as on a machine where containers are built beside the tests, unless a test sets another timeout.
"""

from __future__ import annotations

from functools import partial

import httpx

ANSWER_S = 60


def request(method: str, url: str, **options: object) -> httpx.Response:
    """Send a request and return the answer. Raises httpx.TransportError."""
    here = {"verify": False, "trust_env": False, "timeout": ANSWER_S}
    return httpx.request(method, url, **here | options)  # type: ignore[arg-type]


get = partial(request, "GET")
post = partial(request, "POST")

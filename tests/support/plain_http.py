"""Requests to servers of this machine that speak plain HTTP, cheap enough to be sent all the time.

A client of httpx reads all certificates of the machine first, which takes ten times as long as a
request. Nothing of the environment counts: no proxy, no certificate.
"""

from __future__ import annotations

import httpx


def get(url: str, **options: object) -> httpx.Response:
    """Ask for a resource. Raises httpx.TransportError."""
    return httpx.get(url, verify=False, trust_env=False, **options)  # type: ignore[arg-type]

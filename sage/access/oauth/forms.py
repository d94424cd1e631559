"""What a request brings as its query or its form, checked before it is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_FIELDS = 32
_MEDIA_TYPE = "application/x-www-form-urlencoded"
_NUL = b"%00"  # no text in Postgres holds it


async def form_problem(request: Request) -> str | None:
    """Return why the parameters of a request are not parsed; None where they may be."""
    form: bytes = request.scope["query_string"]
    if request.method != "GET":
        form = await request.body()
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if form and media_type != _MEDIA_TYPE:
            return f"the body has to be {_MEDIA_TYPE}"
    if form.count(b"&") >= MAX_FIELDS:
        return f"there are more than {MAX_FIELDS} parameters"
    if _NUL in form:
        return "a parameter holds a NUL character"
    return None

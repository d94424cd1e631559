"""Templates rendered as pages, in which the content of memories is only text."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from sage.console.assets import DIGEST, PREFIX, takes_gzip
from sage.console.escaping import exact, isolated, name_unseen, project, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from sage.console.language import Texts

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
    "vary": "accept-encoding, accept-language, cookie, hx-request",
}
_PACKED_FROM_BYTES = 1_000
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the template environment; an undefined name is an error.

    Values that are not markup are escaped, and their invisible characters are named.
    """
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
        finalize=name_unseen,
    )
    made.filters.update(
        thousands=lambda number: f"{number:,}", visible=visible, isolated=isolated, exact=exact
    )
    made.filters.update(project=project)
    return made


def rendered(
    request: Request, name: str, texts: Texts, values: Mapping[str, object], *, status: int = 200
) -> HTMLResponse:
    """Return a page rendered from a template, compressed if the browser accepts that."""
    prefix = str(values["prefix"])
    text = (
        environment()
        .get_template(name)
        .render(
            {
                "texts": texts,
                "_": texts.gettext,
                "ngettext": texts.ngettext,
                "static": f"{prefix}{PREFIX}{DIGEST}/",
                **values,
            }
        )
    )
    body, headers = text.encode(errors="replace"), {**HEADERS}
    if len(body) >= _PACKED_FROM_BYTES and takes_gzip(request):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["content-encoding"] = "gzip"
    return HTMLResponse(body, status_code=status, headers=headers)

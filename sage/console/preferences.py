"""Preferences that a browser stores: theme, language, space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.console.context import (
    LANGUAGE_COOKIE,
    SPACE_COOKIE,
    THEME_COOKIE,
    THEMES,
    is_own_path,
)
from sage.phrases.language import LANGUAGES

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.context import PageContext

_YEAR_S = 365 * 24 * 3600


async def prefer(context: PageContext) -> Response:
    """Store the choice of a form, and return to its page."""
    form = {name: str(value) for name, value in (await context.request.form()).items()}
    there = form.get("there", "/")
    answer = context.redirect(there if is_own_path(there) else "/")
    spaces = [one.space for one in context.principal.grants]
    choices = (
        (THEME_COOKIE, "theme", THEMES),
        (LANGUAGE_COOKIE, "language", LANGUAGES),
        (SPACE_COOKIE, "space", spaces),
    )
    for name, field, known in choices:
        if (value := form.get(field, "")) in known:
            answer.set_cookie(name, value, max_age=_YEAR_S, httponly=True, samesite="strict")
    return answer

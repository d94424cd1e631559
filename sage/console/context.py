"""The request for a page: its principal, its address, and how the page is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from sage.access.authorization import NOBODY
from sage.console.addresses import FORMS, session_path
from sage.console.language import Texts
from sage.console.rendering import rendered
from sage.domain.caller import SpaceRole
from sage.phrases.language import LANGUAGES, preferred

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from sage.bootstrap import Services
    from sage.console.addresses import PublicAddress
    from sage.domain.caller import Grant, Principal
    from sage.domain.health import Status

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "sage_theme"
SPACE_COOKIE = "sage_space"
LANGUAGE_COOKIE = "sage_language"


@dataclass(slots=True)
class PageContext:
    """A request for a page. `state` is the state of the server, once known.

    `signs_in` is whether people sign in here at all, `manages_others` whether whoever manages the
    server also manages spaces that they do not open.
    """

    request: Request
    addresses: PublicAddress
    signs_in: bool
    principal: Principal = NOBODY
    state: Status | None = None
    manages_others: bool = False

    @property
    def services(self) -> Services:
        """The open services of the application."""
        return cast("Services", self.request.app.state.services)

    @property
    def prefix(self) -> str:
        """The prefix of each path."""
        return self.addresses.prefix_of(self.request)

    @property
    def is_partial(self) -> bool:
        """Whether a part of a page is requested, which the script puts in its place."""
        return "hx-request" in self.request.headers

    @property
    def grant(self) -> Grant | None:
        """The space that the pages show: the chosen one, or the first; None without any."""
        grants = self.principal.grants
        wanted = self.request.query_params.get("space") or self.request.cookies.get(SPACE_COOKIE)
        return next((one for one in grants if one.space == wanted), grants[0] if grants else None)

    @property
    def space(self) -> str | None:
        """The name of that space; one named in the address need not be open."""
        asked = self.request.query_params.get("space")
        return asked or (None if self.grant is None else self.grant.space)

    @property
    def manages(self) -> bool:
        """Whether the principal manages a space, or all."""
        owned = (one for one in self.principal.grants if one.role is SpaceRole.OWNER)
        return self.principal.manages_all or any(owned)

    @property
    def sees_state(self) -> bool:
        """Whether the principal may see the state of the server, or of the space that is shown."""
        grant = self.grant
        return self.principal.admin or (grant is not None and grant.role is SpaceRole.OWNER)

    def local(self, moment: datetime) -> datetime:
        """Return a time in the time zone of the user."""
        return moment.astimezone(self.services.settings.timezone)

    def at(self, path: str, query: Mapping[str, object] | None = None) -> str:
        """Return the address of a page; empty arguments are left out."""
        kept = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        return self.prefix + path + (f"?{urlencode(kept)}" if kept else "")

    def here(self, **changes: object) -> str:
        """Return the address of this page with some arguments changed."""
        return self.at(self.request.url.path, {**self.request.query_params, **changes})

    @property
    def again(self) -> str:
        """The address for another try: this page, or the one with the form that was sent."""
        if self.request.method == "GET":
            return self.here()
        path = self.request.url.path
        return self.at(next((page for page in FORMS if path.startswith(f"{page}/")), "/"))

    @property
    def language(self) -> str:
        """The language of the page: the chosen one, or that of the browser."""
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, "")
        accepted = self.request.headers.get("accept-language", "")
        return chosen if chosen in LANGUAGES else preferred(accepted)

    @property
    def there(self) -> str:
        """The path to return to, without the prefix."""
        url = self.request.url
        if self.request.method != "GET":
            return "/"
        return f"{url.path}?{url.query}" if url.query else url.path

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """Return a page within the frame."""
        grant, theme = self.grant, self.request.cookies.get(THEME_COOKIE, "")
        frame = {
            "prefix": self.prefix,
            "path": self.request.url.path,
            "at": self.at,
            "here": self.here,
            "there": self.there,
            "local": self.local,
            "session_path": session_path,
            "theme": theme if theme in THEMES else THEMES[0],
            "signs_in": self.signs_in,
            "principal": self.principal,
            "state": self.state,
            "manages": self.manages,
            "sees_state": self.sees_state,
            "manages_others": self.manages_others,
            "again": self.again,
            "spaces": [one.space for one in self.principal.grants],
            "space": self.space,
            "may_write": grant is not None and grant.role.includes(SpaceRole.WRITER),
        }
        return rendered(
            self.request, template, Texts(self.language), {**frame, **values}, status=status
        )

    def redirect(self, path: str) -> Response:
        """Return a redirect to a page of Sage, which is fetched by GET."""
        return RedirectResponse(self.prefix + path, status_code=303)


def is_own_path(path: str) -> bool:
    """Return whether a path from a form leads to a page of Sage, and nowhere else."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()

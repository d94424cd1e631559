"""The pages and their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from sage.console import assets, erasing, giving, messages, space_pages
from sage.console.auditing import audit
from sage.console.bringing import hand_in_file, imports, start_import, stop_import, undo_import
from sage.console.capturing import capture
from sage.console.connecting import connect
from sage.console.door import Door
from sage.console.forgotten import forgotten, restore_forgotten
from sage.console.managing import CHANGES, access
from sage.console.paths import (
    ACCESS,
    AUDIT,
    CAPTURE,
    CONNECT,
    FORGOTTEN,
    GIVEN,
    IMPORTS,
    SESSIONS,
    SYSTEM,
    TIDY,
)
from sage.console.preferences import prefer
from sage.console.reading import sessions
from sage.console.searching import search
from sage.console.signing_in import SIGN_IN_PATH, SigningIn
from sage.console.system import system
from sage.console.tidying import forget_chosen, restore_chosen, tidy, tidy_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from sage.access.authentication import Authentication
    from sage.config.server_settings import ServerSettings
    from sage.console.door import Handler


class ConsolePages:
    """The pages of a server, for `create_app`."""

    open_paths = frozenset(
        {
            *("/", SESSIONS, TIDY, FORGOTTEN, CAPTURE, CONNECT, GIVEN, SYSTEM),
            *(SIGN_IN_PATH, "/sign-out"),
            *("/correct", "/confirm", "/forget", "/restore", "/prefer"),
        }
    )
    open_prefixes = (
        assets.PREFIX,
        messages.PREFIX,
        f"{SESSIONS}/",
        f"{TIDY}/",
        f"{FORGOTTEN}/",
        f"{CONNECT}/",
        f"{GIVEN}/",
        f"{SYSTEM}/",
    )

    streamed_paths = frozenset({f"{IMPORTS}/file"})

    def __init__(self, server: ServerSettings) -> None:
        self._server = server

    def not_found(self, authentication: Authentication) -> Handler:
        """Return the page for an address that names none."""
        return Door(self._server, authentication).lost()

    def routes(self, authentication: Authentication) -> Sequence[BaseRoute]:
        """Return the routes; the door of the pages lets callers in."""
        door = Door(self._server, authentication)
        signing_in = SigningIn(door)
        return [
            Route("/", door.to(search)),
            Route(SESSIONS, door.to(sessions)),
            Route(f"{SESSIONS}/{{session_id:path}}", door.to(sessions)),
            Route(f"{messages.PREFIX}{{memory_id}}", door.to(messages.message)),
            Route(TIDY, door.to(tidy)),
            Route(f"{TIDY}/forget", door.to(forget_chosen), methods=["POST"]),
            Route(f"{TIDY}/restore", door.to(restore_chosen), methods=["POST"]),
            Route(f"{TIDY}/{{kind}}", door.to(tidy_list)),
            Route(FORGOTTEN, door.to(forgotten)),
            Route(f"{FORGOTTEN}/restore", door.to(restore_forgotten), methods=["POST"]),
            Route(CAPTURE, door.to(capture)),
            Route(CONNECT, door.to(connect)),
            Route(IMPORTS, door.to(imports)),
            Route(f"{IMPORTS}/file", door.to(hand_in_file), methods=["POST"]),
            Route(f"{IMPORTS}/start", door.to(start_import), methods=["POST"]),
            Route(f"{IMPORTS}/stop", door.to(stop_import), methods=["POST"]),
            Route(f"{IMPORTS}/undo", door.to(undo_import), methods=["POST"]),
            Route(GIVEN, door.to(giving.given)),
            Route(f"{GIVEN}/not-useful", door.to(giving.mark), methods=["POST"]),
            Route(f"{GIVEN}/useful", door.to(giving.take_back), methods=["POST"]),
            Route(SYSTEM, door.to(system)),
            Route(ACCESS, door.to(access)),
            Route(AUDIT, door.to(audit)),
            Route(space_pages.PATH, door.to(space_pages.space), methods=["GET", "POST"]),
            Route(erasing.PATH, door.to(erasing.erase), methods=["GET", "POST"]),
            Route(erasing.RECEIPT_PATH, door.to(erasing.receipt)),
            *(Route(path, door.to(change), methods=["POST"]) for path, change in CHANGES.items()),
            Route("/correct", door.to(messages.correct), methods=["POST"]),
            Route("/confirm", door.to(messages.confirm), methods=["POST"]),
            Route("/forget", door.to(messages.forget), methods=["POST"]),
            Route("/restore", door.to(messages.restore), methods=["POST"]),
            Route("/prefer", door.to(prefer), methods=["POST"]),
            Route(SIGN_IN_PATH, door.open(signing_in.sign_in), methods=["GET", "POST"]),
            Route("/sign-out", door.open(signing_in.sign_out), methods=["POST"]),
            Route(f"{assets.PREFIX}{{digest}}/{{name}}", assets.asset),
        ]

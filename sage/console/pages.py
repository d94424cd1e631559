"""The pages and their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from sage.console import assets, erasure, messages, recall_log, space
from sage.console.access import CHANGES, access
from sage.console.addresses import (
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
from sage.console.audit import audit
from sage.console.capture import capture
from sage.console.connect import connect
from sage.console.guard import PageGuard
from sage.console.imports import hand_in_file, imports, start_import, stop_import, undo_import
from sage.console.preferences import prefer
from sage.console.search import search
from sage.console.sessions import sessions
from sage.console.sign_in import SIGN_IN_PATH, SignIn
from sage.console.system import system
from sage.console.tidy import (
    forget_chosen,
    forgotten,
    restore_chosen,
    restore_forgotten,
    tidy,
    tidy_list,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from sage.access.authentication import Authentication
    from sage.config.server_settings import ServerSettings
    from sage.console.guard import Handler


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
        """Return the page for an unknown address."""
        return PageGuard(self._server, authentication).lost()

    def routes(self, authentication: Authentication) -> Sequence[BaseRoute]:
        """Return the routes; the guard of the pages admits callers."""
        guard = PageGuard(self._server, authentication)
        sign_in = SignIn(guard)
        return [
            Route("/", guard.signed_in(search)),
            Route(SESSIONS, guard.signed_in(sessions)),
            Route(f"{SESSIONS}/{{session_id:path}}", guard.signed_in(sessions)),
            Route(f"{messages.PREFIX}{{memory_id}}", guard.signed_in(messages.message)),
            Route(TIDY, guard.signed_in(tidy)),
            Route(f"{TIDY}/forget", guard.signed_in(forget_chosen), methods=["POST"]),
            Route(f"{TIDY}/restore", guard.signed_in(restore_chosen), methods=["POST"]),
            Route(f"{TIDY}/{{kind}}", guard.signed_in(tidy_list)),
            Route(FORGOTTEN, guard.signed_in(forgotten)),
            Route(f"{FORGOTTEN}/restore", guard.signed_in(restore_forgotten), methods=["POST"]),
            Route(CAPTURE, guard.signed_in(capture)),
            Route(CONNECT, guard.signed_in(connect)),
            Route(IMPORTS, guard.signed_in(imports)),
            Route(f"{IMPORTS}/file", guard.signed_in(hand_in_file), methods=["POST"]),
            Route(f"{IMPORTS}/start", guard.signed_in(start_import), methods=["POST"]),
            Route(f"{IMPORTS}/stop", guard.signed_in(stop_import), methods=["POST"]),
            Route(f"{IMPORTS}/undo", guard.signed_in(undo_import), methods=["POST"]),
            Route(GIVEN, guard.signed_in(recall_log.given)),
            Route(f"{GIVEN}/not-useful", guard.signed_in(recall_log.mark), methods=["POST"]),
            Route(f"{GIVEN}/useful", guard.signed_in(recall_log.take_back), methods=["POST"]),
            Route(SYSTEM, guard.signed_in(system)),
            Route(ACCESS, guard.signed_in(access)),
            Route(AUDIT, guard.signed_in(audit)),
            Route(space.PATH, guard.signed_in(space.space), methods=["GET", "POST"]),
            Route(erasure.PATH, guard.signed_in(erasure.erase), methods=["GET", "POST"]),
            Route(erasure.PROGRESS_PATH, guard.signed_in(erasure.progress)),
            Route(erasure.RECEIPT_PATH, guard.signed_in(erasure.receipt)),
            *(
                Route(path, guard.signed_in(change), methods=["POST"])
                for path, change in CHANGES.items()
            ),
            Route("/correct", guard.signed_in(messages.correct), methods=["POST"]),
            Route("/confirm", guard.signed_in(messages.confirm), methods=["POST"]),
            Route("/forget", guard.signed_in(messages.forget), methods=["POST"]),
            Route("/restore", guard.signed_in(messages.restore), methods=["POST"]),
            Route("/prefer", guard.signed_in(prefer), methods=["POST"]),
            Route(SIGN_IN_PATH, guard.public(sign_in.sign_in), methods=["GET", "POST"]),
            Route("/sign-out", guard.public(sign_in.sign_out), methods=["POST"]),
            Route(f"{assets.PREFIX}{{digest}}/{{name}}", assets.asset),
        ]

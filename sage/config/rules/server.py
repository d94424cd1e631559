"""Rules across variables: each takes the whole configuration and yields what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sage.config.rules.production import production_rules
from sage.config.rules.providers import PROVIDER_RULES
from sage.config.settings import AuthMode
from sage.config.values import is_loopback
from sage.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sage.config.runtime import Container
    from sage.config.settings import Settings
    from sage.config.sources import Value

    Rule: TypeAlias = Callable[["Draft"], Iterator[Problem]]

_TOKEN_HINT = "Set SAGE_TOKEN (make one with `openssl rand -hex 32`)"  # noqa: S105 - a hint
_PARTS = ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")
_NEEDED_PARTS = ("DB_HOST", "DB_NAME", "DB_USER", "DB_PASSWORD")


@dataclass(frozen=True, slots=True)
class Draft:
    """Settings whose single values are fine, with their origins, before the rules are applied.

    `values` holds what was set, not the defaults. `listens` is False for commands that open no
    port, which need no rules about who may connect.
    """

    settings: Settings
    values: Mapping[str, Value]
    container: Container
    listens: bool

    def problem(self, name: str, message: str, hint: str, *, warning: bool = False) -> Problem:
        """Make a problem of a variable, with its origin."""
        return Problem(name, self.origin(name), message, hint, warning=warning)

    def origin(self, name: str) -> str:
        """Name the layer that a variable has its value from."""
        return self.values[name].origin if name in self.values else "default"


def broken_rules(draft: Draft, broken: frozenset[str]) -> list[Problem]:
    """Apply every rule but those about a variable that is wrong by itself (`broken`)."""
    return [
        problem
        for rule, names in (*_RULES, *production_rules(draft))
        if broken.isdisjoint(names)
        for problem in rule(draft)
    ]


def _one_way_to_name_the_database(draft: Draft) -> Iterator[Problem]:
    parts = [name for name in _PARTS if name in draft.values]
    if not parts:
        return
    if "DATABASE_URL" in draft.values:
        origins = ", ".join(f"{name} (from {draft.values[name].origin})" for name in parts)
        yield draft.problem(
            "DATABASE_URL", f"is set, and {origins} as well", "Keep the one or the others"
        )
        return
    for name in _NEEDED_PARTS:
        if name not in draft.values:
            yield draft.problem(
                name,
                f"is not set, but {parts[0]} is",
                f"Set it too. Where no password is asked for, use DATABASE_URL; to have Sage run "
                f"its own PostgreSQL, unset {', '.join(parts)}",
            )


def _token_where_asked(draft: Draft) -> Iterator[Problem]:
    server = draft.settings.server
    if draft.listens and server.auth is AuthMode.TOKEN and server.token is None:
        origin = draft.origin("SAGE_AUTH")
        yield draft.problem(
            "SAGE_TOKEN", f"is not set, but SAGE_AUTH is token (from {origin})", _TOKEN_HINT
        )


def _token_where_reachable(draft: Draft) -> Iterator[Problem]:
    server = draft.settings.server
    if not draft.listens or is_loopback(server.host) or server.auth is AuthMode.TOKEN:
        return
    if server.auth is AuthMode.NONE:
        yield draft.problem(
            "SAGE_AUTH",
            f"is none, but {server.host} can be reached from other machines",
            f"{_TOKEN_HINT} and SAGE_AUTH=auto, or listen on MCP_SERVER_HOST=127.0.0.1",
        )
    elif server.token is None:
        yield draft.problem(
            "SAGE_TOKEN",
            f"is not set, but {server.host} can be reached from other machines",
            f"{_TOKEN_HINT}, or listen on MCP_SERVER_HOST=127.0.0.1",
        )


_RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_one_way_to_name_the_database, ("DATABASE_URL", *_PARTS)),
    (_token_where_asked, ("SAGE_AUTH", "SAGE_TOKEN")),
    (_token_where_reachable, ("SAGE_AUTH", "SAGE_TOKEN", "MCP_SERVER_HOST")),
    *PROVIDER_RULES,
)

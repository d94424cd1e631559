"""Stricter rules for `SAGE_ENV=prod`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.config.settings import AuthMode, Environment, LogLevel
from sage.config.values import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.rules.server import Draft, Rule
    from sage.errors import Problem


def _token_is_asked_for(draft: Draft) -> Iterator[Problem]:
    server = draft.settings.server
    if draft.listens and is_loopback(server.host) and _door_is_open(draft):
        yield draft.problem(
            "SAGE_AUTH",
            f"is {server.auth}, but SAGE_ENV is prod",
            "Set SAGE_AUTH=token, and SAGE_TOKEN (make one with `openssl rand -hex 32`)",
        )


def _door_is_open(draft: Draft) -> bool:
    server = draft.settings.server
    return server.auth is AuthMode.NONE or (server.auth is AuthMode.AUTO and server.token is None)


def _public_address_is_encrypted(draft: Draft) -> Iterator[Problem]:
    url = draft.settings.server.public_url
    if url is not None and urlsplit(url).scheme.lower() != "https":
        yield draft.problem(
            "SAGE_PUBLIC_URL",
            f"is {url}, but SAGE_ENV is prod and tokens would travel in the clear",
            "Write an https:// address",
        )


def _log_is_not_for_debugging(draft: Draft) -> Iterator[Problem]:
    if draft.settings.log.level is LogLevel.DEBUG:
        yield draft.problem(
            "SAGE_LOG_LEVEL", "is DEBUG, but SAGE_ENV is prod", "Set INFO, WARNING or ERROR"
        )


def _memory_outlives_a_container(draft: Draft) -> Iterator[Problem]:
    if draft.container.detected and not {"DATABASE_URL", "DB_HOST"} & draft.values.keys():
        evidence = "; ".join(draft.container.evidence)
        yield draft.problem(
            "DATABASE_URL",
            f"is not set, but SAGE_ENV is prod and this container ({evidence}) "
            "forgets its files when it is replaced",
            "Set DATABASE_URL, or DB_HOST, DB_NAME, DB_USER and DB_PASSWORD",
        )


def production_rules(draft: Draft) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
    """Return the rules to apply, each with the variables it is about; none outside production."""
    return _RULES if draft.settings.env is Environment.PROD else ()


_RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_token_is_asked_for, ("SAGE_AUTH", "SAGE_TOKEN", "MCP_SERVER_HOST")),
    (_public_address_is_encrypted, ("SAGE_PUBLIC_URL",)),
    (_log_is_not_for_debugging, ("SAGE_LOG_LEVEL",)),
    (_memory_outlives_a_container, ("DATABASE_URL", "DB_HOST")),
)

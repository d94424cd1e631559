"""Stricter rules for `SAGE_ENV=prod`; with `staging` they only warn."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.config.choices import AuthMode, LogLevel
from sage.config.rules.rule import rule
from sage.config.values import is_loopback
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.rules.rule import Draft
    from sage.errors import ConfigurationProblem


@rule("SAGE_AUTH", "SAGE_TOKEN", "MCP_SERVER_HOST", production=True)
def loopback_needs_a_token_too(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse to listen on loopback without a token; other addresses need one everywhere."""
    server = draft.settings.server
    asks = server.auth in {AuthMode.TOKEN, AuthMode.OAUTH} or (
        server.auth is AuthMode.AUTO and server.token is not None
    )
    if draft.listens and is_loopback(server.host) and not asks:
        yield draft.problem(
            "SAGE_AUTH",
            phrase("is {auth}, but prod requires a token on every address", auth=server.auth),
            "Set SAGE_AUTH=token, and SAGE_TOKEN (generate one with `openssl rand -hex 32`)",
        )


@rule("SAGE_PUBLIC_URL", production=True)
def public_address_is_encrypted(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse a public address over which tokens travel unencrypted."""
    url = draft.settings.server.public_url
    if url is not None and urlsplit(url).scheme.lower() != "https":
        yield draft.problem(
            "SAGE_PUBLIC_URL",
            phrase("is {url}, but prod requires https: tokens would be sent unencrypted", url=url),
            "Use an https:// address",
        )


@rule("SAGE_LOG_LEVEL", production=True)
def log_is_not_for_debugging(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse the log level DEBUG."""
    if draft.settings.log.level is LogLevel.DEBUG:
        yield draft.problem(
            "SAGE_LOG_LEVEL", "is DEBUG, which prod refuses", "Set INFO, WARNING or ERROR"
        )


@rule("DATABASE_URL", "DB_HOST", production=True)
def memory_outlives_the_container(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse the embedded database inside a container."""
    if draft.container.detected and not {"DATABASE_URL", "DB_HOST"} & draft.values.keys():
        evidence = "; ".join(draft.container.evidence)
        yield draft.problem(
            "DATABASE_URL",
            phrase(
                "is not set, but prod requires a database outside of this container "
                "({evidence}), whose files are lost when it is replaced",
                evidence=evidence,
            ),
            "Set DATABASE_URL, or DB_HOST, DB_NAME, DB_USER and DB_PASSWORD",
        )


@rule("EMBEDDING_BASE_URL", "SILICONFLOW_BASE_URL", production=True)
def api_keys_are_encrypted(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Warn of a provider to which its API key and the texts travel unencrypted."""
    embedding, siliconflow = draft.settings.embedding, draft.settings.siliconflow
    for name, url, key in (
        ("EMBEDDING_BASE_URL", embedding.base_url, embedding.api_key),
        ("SILICONFLOW_BASE_URL", siliconflow.base_url, siliconflow.api_key),
    ):
        parts = urlsplit(url or "")
        if key is not None and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            yield draft.problem(
                name,
                phrase("is {url}: the API key and all texts are sent to it unencrypted", url=url),
                "Use an https:// address, unless the network is private",
                warning=True,
            )


RULES = (
    loopback_needs_a_token_too,
    public_address_is_encrypted,
    log_is_not_for_debugging,
    memory_outlives_the_container,
    api_keys_are_encrypted,
)

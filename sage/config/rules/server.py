"""Rules about the address that Sage listens on, and its token."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.config.choices import AuthMode
from sage.config.rules.rule import rule
from sage.config.values import is_loopback
from sage.errors import ConfigurationProblem
from sage.phrases import phrase
from sage.telemetry.traces import can_send_traces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sage.config.rules.rule import Draft
    from sage.config.server_settings import ServerSettings

_TOKEN_HINT = "Set SAGE_TOKEN (generate one with `openssl rand -hex 32`)"  # noqa: S105 - a hint
_TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_ASKS = frozenset({AuthMode.TOKEN, AuthMode.OAUTH})
_OF_ISSUER = ("SAGE_OAUTH_ISSUER", "SAGE_OAUTH_JWKS_URL", "SAGE_OAUTH_SUBJECTS")


@rule("SAGE_AUTH", "SAGE_TOKEN")
def required_token_is_set(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse SAGE_AUTH=token and SAGE_AUTH=oauth without a token."""
    server = draft.settings.server
    if draft.listens and server.auth in _ASKS and server.token is None:
        origin = draft.origin("SAGE_AUTH")
        yield draft.problem(
            "SAGE_TOKEN",
            phrase(
                "is not set, but SAGE_AUTH is {auth} (from {origin})",
                auth=server.auth,
                origin=origin,
            ),
            _TOKEN_HINT,
        )


@rule("SAGE_AUTH", "SAGE_PUBLIC_URL")
def oauth_has_a_public_address(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse SAGE_AUTH=oauth without an address that OAuth clients accept as an issuer."""
    server = draft.settings.server
    if not (draft.listens and server.has_oauth):
        return
    parts = urlsplit(server.public_url or "")
    hint = "Set it to the public address of Sage, such as https://sage.example.org"
    if server.public_url is None:
        origin = draft.origin("SAGE_AUTH")
        problem = phrase("is not set, but SAGE_AUTH is oauth (from {origin})", origin=origin)
        yield draft.problem("SAGE_PUBLIC_URL", problem, hint)
    elif parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        problem = phrase("is {url}, but SAGE_AUTH=oauth requires https", url=server.public_url)
        yield draft.problem("SAGE_PUBLIC_URL", problem, hint)
    elif parts.path:
        problem = phrase(
            "has the path {path}, but SAGE_AUTH=oauth requires an address without one",
            path=parts.path,
        )
        yield draft.problem("SAGE_PUBLIC_URL", problem, hint)


@rule("SAGE_AUTH", *_OF_ISSUER)
def an_external_issuer_is_whole(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse an incomplete external issuer, and keys fetched without encryption."""
    server = draft.settings.server
    values = (server.oauth_issuer, server.oauth_jwks_url, server.oauth_subjects)
    given = dict(zip(_OF_ISSUER, values, strict=True))
    names = [name for name, value in given.items() if value]
    if not (draft.listens and names):
        return
    if not server.has_oauth:
        problem = phrase("is {auth}, but {name} is set", auth=server.auth, name=names[0])
        yield draft.problem("SAGE_AUTH", problem, "Set it to oauth")
    for name in given.keys() - names:
        yield draft.problem(
            name, phrase("is not set, but {other} is", other=names[0]), "Set all three or none"
        )
    subjects = [one.rpartition("=")[0] for one in server.oauth_subjects]
    if len(set(subjects)) < len(subjects):
        yield draft.problem("SAGE_OAUTH_SUBJECTS", "contains a subject twice", "Remove one of them")
    for name in _OF_ISSUER[:2]:
        parts = urlsplit(str(given[name] or ""))
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            yield draft.problem(
                name,
                phrase("is {url}", url=given[name]),
                "Use an address that begins with https",
            )


@rule("SAGE_AUTH", "SAGE_TOKEN", "MCP_SERVER_HOST")
def open_bind_needs_a_token(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse to listen beyond this machine without a token."""
    server = draft.settings.server
    if draft.listens and server.auth not in _ASKS:
        yield from open_bind(server, draft.origin)


def open_bind(
    server: ServerSettings, origin: Callable[[str], str]
) -> Iterator[ConfigurationProblem]:
    """Yield a problem if other machines can reach Sage and no token is required.

    `origin` returns the layer that sets a variable.
    """
    if is_loopback(server.host):
        return
    if server.auth is AuthMode.NONE:
        yield ConfigurationProblem(
            "SAGE_AUTH",
            origin("SAGE_AUTH"),
            phrase("is none, but {host} can be reached from other machines", host=server.host),
            "Set SAGE_TOKEN (generate one with `openssl rand -hex 32`) and "
            "SAGE_AUTH=auto, or listen on MCP_SERVER_HOST=127.0.0.1",
        )
    elif server.token is None:
        yield ConfigurationProblem(
            "SAGE_TOKEN",
            origin("SAGE_TOKEN"),
            phrase("is not set, but {host} can be reached from other machines", host=server.host),
            "Set SAGE_TOKEN (generate one with `openssl rand -hex 32`), or listen on "
            "MCP_SERVER_HOST=127.0.0.1",
        )


@rule("SAGE_METRICS_PORT", "MCP_SERVER_PORT")
def metrics_have_a_port_of_their_own(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse the same port for both."""
    server = draft.settings.server
    if server.metrics_port == server.port:
        yield draft.problem(
            "SAGE_METRICS_PORT",
            phrase("is {port}, the port of Sage itself", port=server.port),
            "Choose another one, or unset it: /metrics is also served on the port of Sage",
        )


@rule(_TRACES)
def traces_have_their_packages(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Warn that no traces are sent if the packages for them are not installed.

    The variable may be set for other programs.
    """
    if draft.listens and draft.settings.server.traces_url is not None and not can_send_traces():
        yield draft.problem(
            _TRACES,
            "is set, but the extra `otel` is not part of this installation: no traces are sent",
            "Install requirements-otel-lock.txt, as docs/monitoring.md describes, or unset it",
            warning=True,
        )


RULES = (
    required_token_is_set,
    oauth_has_a_public_address,
    an_external_issuer_is_whole,
    open_bind_needs_a_token,
    metrics_have_a_port_of_their_own,
    traces_have_their_packages,
)

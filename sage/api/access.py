"""Access to the HTTP surface: host names, origins of pages, the bearer token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.config.choices import AuthMode
from sage.config.rules.server import open_bind
from sage.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Scope

    from sage.config.server_settings import ServerSettings

BY_OWNER = "sage.by_owner"
"""The key of a scope that marks a request on the Unix socket of the data directory."""
BY_ANOTHER_ACCOUNT = "sage.by_another_account"
"""The key of a scope for a function that returns whether another account of this machine asks."""
STOPPING = "stopping"
"""The key of a server's state that is set once it has to stop."""

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - known, not bound
_ANY_PORT = ":*"
_IMPLIED_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class AllowList:
    """Allowed hosts or origins: some exactly, and some with any port.

    The same two lists serve Sage's own check and that of the MCP SDK, which writes any port as
    `:*`.
    """

    exact: frozenset[str]
    any_port: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> AllowList:
        """Build the list from names: those that end in `:*` are allowed with any port or none."""
        lowered = {name.strip().rstrip("/").lower() for name in names}
        any_port = {name for name in lowered if name.endswith(_ANY_PORT)}
        return cls(
            frozenset(lowered - any_port),
            frozenset(name.removesuffix(_ANY_PORT) for name in any_port),
        )

    def __contains__(self, header: str) -> bool:
        """Return whether the value of a Host or Origin header is allowed."""
        lowered = header.lower()
        bare, port = _split_port(lowered)
        return lowered in self.exact or (bare in self.any_port and (port is None or bool(port)))

    def as_patterns(self) -> list[str]:
        """Return the list in the form that the MCP SDK reads."""
        return sorted(
            {*self.exact, *self.any_port, *(f"{name}{_ANY_PORT}" for name in self.any_port)}
        )


def allowed_hosts(server: ServerSettings) -> AllowList:
    """Return the allowed Host headers: this machine, the bind address, configured and public ones.

    A name without a port is allowed with any: the danger is the rebinding of a name, not a port.
    """
    names = [*_LOOPBACK_NAMES, *server.allowed_hosts]
    if server.host not in _EVERY_ADDRESS:
        names.append(_bracketed(server.host))
    if server.public_url is not None:
        names.append(_bracketed(urlsplit(server.public_url).hostname or ""))
    return AllowList.of(
        name if _split_port(name)[1] is not None else f"{name}{_ANY_PORT}" for name in names
    )


def allowed_origins(server: ServerSettings) -> AllowList:
    """Return the origins of pages whose scripts may call: this machine, configured, public.

    An origin beyond this machine is allowed exactly as written: another port is another origin.
    """
    names = [
        f"{scheme}://{name}{_ANY_PORT}" for scheme in ("http", "https") for name in _LOOPBACK_NAMES
    ]
    names += server.allowed_origins
    if server.public_url is not None:
        names.append(_origin(server.public_url))
    return AllowList.of(names)


def required_token(server: ServerSettings) -> str | None:
    """Return the token that every caller must send; None if none is required."""
    if server.auth is AuthMode.NONE or server.token is None:
        return None
    return server.token.get_secret_value()


def is_by_another_account(scope: Scope) -> bool:
    """Return whether another account of this machine sends a request, as far as that is known."""
    ask = scope.get(BY_ANOTHER_ACCOUNT)
    return ask is not None and ask()


def refuse_open_bind(server: ServerSettings) -> None:
    """Refuse to listen beyond this machine without a token. Raises ConfigurationError.

    Settings that were read for a server comply with this rule; others might not.
    """
    if problems := [*open_bind(server, lambda _: "settings")]:
        raise ConfigurationError(problems)


def _origin(url: str) -> str:
    """Return the origin of a URL as browsers write it: without the port its scheme implies."""
    parts = urlsplit(url)
    host = _bracketed(parts.hostname or "")
    port = "" if parts.port in {None, _IMPLIED_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _split_port(name: str) -> tuple[str, str | None]:
    """Split the port off a host or an origin: None if there is none, empty if it is invalid."""
    bare, colon, port = name.rpartition(":")
    if not colon or "]" in port or port.startswith("//"):
        return name, None
    return bare, port if port.isascii() and port.isdigit() else ""

"""Sage in a container: whether it answers, and what only the host can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.container import is_own_image
from sage.errors import StartupError
from sage.local.address import reached_at
from sage.local.http_probe import ask
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.config.server_settings import ServerSettings

_CLIENT = "sage-client.pyz"
_TOKEN_FILE = "secrets/sage_token"  # noqa: S105 - of the compose file, named to people


def serves_here(server: ServerSettings) -> bool:
    """Return whether the Sage of this container answers, which claims no data directory.

    Outside of a container False: another Sage may be listening there.
    """
    return is_own_image() and ask(server.host, str(server.port), "/health/liveness") is None


def refuse_in_container(server: ServerSettings) -> None:
    """Raise StartupError where the Sage of this container answers, which lives as long as it."""
    if serves_here(server):
        raise StartupError(
            "the Sage of this container is running: it starts and stops with the container",
            hint="on the host, run `docker compose stop sage-mcp` or "
            "`docker compose start sage-mcp`",
        )


def not_running() -> StartupError:
    """Return the error for a Sage that is not running, with the command that starts it."""
    return StartupError(
        "Sage is not running",
        hint="wait until this container is ready; its log shows the progress"
        if is_own_image()
        else "start it with `sage up --detach`",
    )


def require_host(*words: str) -> None:
    """Raise StartupError where there are no AI clients: in a container with only Sage.

    `words` are the arguments for the single-file client to use instead, on the host.
    """
    if is_own_image():
        raise _not_here(
            phrase("run `python3 {file} {words}` there", file=_CLIENT, words=" ".join(words))
        )


def require_host_to_connect(server: ServerSettings) -> None:
    """Raise StartupError where there are no AI clients, with how to connect those of the host."""
    if is_own_image():
        connect = phrase(
            "run `curl -fsSO {url}/client/{file}` there, then `python3 {file} connect --url {url}"
            " --token-file {token_file}`",
            url=reached_at(server),
            file=_CLIENT,
            token_file=_TOKEN_FILE,
        )
        raise _not_here(connect)


def _not_here(hint: str) -> StartupError:
    return StartupError(
        "AI clients and their hooks run on the host, not in this container", hint=hint
    )

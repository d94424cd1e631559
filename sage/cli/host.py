"""What needs the AI clients of a person, which are on the host where Sage is in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.container import is_own_image
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.config.settings import ServerSettings

_CLIENT = "sage-client.pyz"
_TOKEN_FILE = "secrets/sage_token"  # noqa: S105 - of the compose file, named to people


def require_host(*words: str) -> None:
    """Raise StartupError where there are no AI clients: in a container that has Sage alone.

    `words` are what the client of one file is called with instead, on the host.
    """
    if is_own_image():
        raise _not_here(
            phrase("run `python3 {file} {words}` there", file=_CLIENT, words=" ".join(words))
        )


def require_host_to_connect(server: ServerSettings) -> None:
    """Raise StartupError where there are no AI clients, with what connects those of the host."""
    if is_own_image():
        published = next(iter(server.published_addresses), "")
        url = server.public_url or (f"http://{published}" if published else "URL")
        connect = phrase(
            "run `curl -fsSO {url}/client/{file}` there, then `python3 {file} connect --url {url}"
            " --token-file {token_file}`",
            url=url.rstrip("/"),
            file=_CLIENT,
            token_file=_TOKEN_FILE,
        )
        raise _not_here(connect)


def _not_here(hint: str) -> StartupError:
    return StartupError(
        "AI clients and their hooks are on the host, and this container has Sage alone", hint=hint
    )

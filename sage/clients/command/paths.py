"""The folders of the single-file client: one for data, one for its token.

Each hook imports this, so it imports nothing slow before that is needed.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from pathlib import Path

NAME = "sage-client"
FILE = f"{NAME}.pyz"
CONNECTING = "sage-connect"
"""The client name under which recall is previewed for a person."""


def data_dir() -> Path:
    """Return the folder of the installed copy of the client, its spool and its records."""
    from sage.clients.homes import user_data_of  # noqa: PLC0415 - imports pathlib

    return (user_data_of() or _nowhere()) / NAME


def token_file() -> Path:
    """Return the file that the token is stored in."""
    from sage.clients.homes import client_path, home_of  # noqa: PLC0415 - imports pathlib

    return client_path(home_of() or _nowhere(), ".config") / NAME / "token"


def data_dir_of_hooks() -> str:
    """Return the folder of the running copy, regardless of the client's environment."""
    folder = os.path.dirname(program())
    return folder if os.path.exists(os.path.join(folder, "hooks")) else str(data_dir())


def program() -> str:
    """Return the path of the running archive, or of the running folder of packages."""
    path = os.path.abspath(__file__)
    for _ in __name__.split("."):
        path = os.path.dirname(path)
    return path


def _nowhere() -> Path:
    from sage.errors import StartupError  # noqa: PLC0415 - seldom needed

    raise StartupError("this user has no home directory", hint="set HOME")

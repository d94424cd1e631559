"""The data directory, and the files that Sage reads."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.homes import home_of, user_data_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.config.value import Value

_START_SCRIPT = "start-sage-mcp.sh"
_ENV_FILE, _CONFIG_FILE = ".env", "sage.toml"
ADDRESS_FILE = "sage.address"
"""The file in the data directory in which a start records the address of Sage."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories in which files are searched.

    `own` is the directory of the start script, None if Sage was installed without one. `user_data`
    is None for a user without a home directory. The working directory `cwd` is never searched:
    relative paths that people type count from it.
    """

    cwd: Path
    home: Path | None
    user_data: Path | None
    own: Path | None
    named_env_file: Path | None = None

    @classmethod
    def of(
        cls,
        environ: Mapping[str, str] = os.environ,
        cwd: Path | None = None,
        env_file: str | None = None,
    ) -> Paths:
        """Return the paths for a process with that environment, started in `cwd`.

        `env_file` is read in place of Sage's own `.env`.
        """
        cwd = (cwd or Path.cwd()).absolute()
        return cls(
            cwd,
            home_of(environ),
            user_data_of(environ),
            own_folder(),
            None if env_file is None else cwd / env_file,
        )

    def expand(self, value: Value) -> Path:
        """Return an absolute path: `~` is the home directory; others count from their source."""
        text = str(value.raw).strip()
        if self.home is not None and (text == "~" or text.startswith("~/")):
            return self.home / text[2:]
        return value.folder / text

    def data_dir(self, values: Mapping[str, Value]) -> Path | None:
        """Return the data directory, None if none is set and the user has no home."""
        if value := values.get("SAGE_DATA_DIR"):
            return self.expand(value)
        return self.user_data / "sage" if self.user_data else None

    def env_file(self, values: Mapping[str, Value]) -> Path | None:
        """Return the `.env` to read: the one named, else Sage's own or the data directory's."""
        return self.named_env_file or self._find(_ENV_FILE, values)

    def config_file(self, values: Mapping[str, Value]) -> Path | None:
        """Return the TOML file to read: the one named, else Sage's own or the data directory's."""
        if value := values.get("SAGE_CONFIG"):
            return self.expand(value)
        return self._find(_CONFIG_FILE, values)

    def address_file(self, values: Mapping[str, Value]) -> Path | None:
        """Return the file with the address of the last start, None in another user's directory."""
        data_dir = self.data_dir(values)
        if data_dir is None or _is_another_users(data_dir):
            return None
        return data_dir / ADDRESS_FILE

    def unread_files(self, values: Mapping[str, Value]) -> list[Path]:
        """Return the files in the data directory of another user, which root does not read.

        A setting may name a file whose content is sent to an address that another setting names.
        """
        data_dir = self.data_dir(values)
        if data_dir is None or not _is_another_users(data_dir):
            return []
        return [file for name in (_ENV_FILE, _CONFIG_FILE) if _exists(file := data_dir / name)]

    def _find(self, name: str, values: Mapping[str, Value]) -> Path | None:
        data_dir = self.data_dir(values)
        folders = [folder for folder in (self.own, data_dir) if folder]
        if data_dir is not None and _is_another_users(data_dir):
            folders.remove(data_dir)
        return next((file for folder in folders if _exists(file := folder / name)), None)


def own_folder() -> Path | None:
    """Return the directory of the start script of this Sage, None without one."""
    checkout = Path(__file__).absolute().parents[2]
    return checkout if _exists(checkout / _START_SCRIPT) else None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # ValueError: a name that no file system takes
        return False


def _is_another_users(folder: Path) -> bool:
    """Return whether root runs on a directory that an ordinary user may write to."""
    try:
        return os.geteuid() == 0 and folder.stat().st_uid != 0
    except (OSError, ValueError):  # ValueError: a name that no file system takes
        return False

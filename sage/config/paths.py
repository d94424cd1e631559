"""Where Sage keeps its data and looks for its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.config.sources import Value


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that paths are read against; `shared` is the user's data folder, if any.

    The user's data folder follows the XDG base directory specification (0.8), which passes over a
    relative `XDG_DATA_HOME`.
    """

    cwd: Path
    home: Path | None
    shared: Path | None

    @classmethod
    def of(cls, environ: Mapping[str, str], cwd: Path | None) -> Places:
        """Find them for a process with that environment, started in `cwd`."""
        home = _home(environ)
        xdg = Path(environ.get("XDG_DATA_HOME", ""))
        fallback = home / ".local/share" if home else None
        return cls((cwd or Path.cwd()).absolute(), home, xdg if xdg.is_absolute() else fallback)

    def expanded(self, path: str) -> Path:
        """Make a path absolute: `~` is the home folder, else relative to the working directory."""
        text = path.strip()
        if self.home is not None and (text == "~" or text.startswith("~/")):
            return self.home / text[2:]
        return self.cwd / text

    def data_dir(self, values: Mapping[str, Value]) -> Path | None:
        """Return the data folder, None when none is set and the user has no home."""
        if value := values.get("SAGE_DATA_DIR"):
            return self.expanded(str(value.raw))
        return self.shared / "sage" if self.shared else None

    def config_file(self, values: Mapping[str, Value]) -> Path | None:
        """Return the TOML file to read: the one named, else `sage.toml` where there is one."""
        if value := values.get("SAGE_CONFIG"):
            return self.expanded(str(value.raw))
        folders = [folder for folder in (self.cwd, self.data_dir(values)) if folder]
        return next((file for folder in folders if _is_file(file := folder / "sage.toml")), None)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _home(environ: Mapping[str, str]) -> Path | None:
    if home := environ.get("HOME"):
        return Path(home)
    try:
        return Path.home()
    except RuntimeError:
        return None


def folder_of_sage(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder whose files are Sage's own: its checkout, else the user's data folder.

    For a process that a program started wherever it happened to be: the `.env` of that place is
    another project's, and may name another project's database.
    """
    checkout = Path(__file__).absolute().parents[2]
    if _is_file(checkout / "start-sage-mcp.sh"):
        return checkout
    shared = Places.of(environ, Path("/")).shared
    return shared / "sage" if shared else Path("/")

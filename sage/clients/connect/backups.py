"""Keep copies of configuration files from before they were changed: a few, which hold secrets."""

from __future__ import annotations

import glob
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import make_folder, open_file, remove_file

if TYPE_CHECKING:
    from pathlib import Path

    from sage.clients.connect.config_file import ConfigFile

_FOLDER = "client-backups"
_KEPT = 5


def back_up(data_dir: Path, client: str, file: ConfigFile) -> Path | None:
    """Copy a file for its owner alone; return the copy, None for a file that is missing.

    The five newest copies of the files of that name of a client stay. Raises StartupError, OSError.
    """
    if file.text is None:
        return None
    folder = data_dir / _FOLDER
    make_folder(folder)
    now = datetime.now(UTC)
    copy = folder / f"{now:%Y%m%dT%H%M%S.%f}-{client}-{file.path.name}"
    descriptor = open_file(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with os.fdopen(descriptor, "wb") as out:
        out.write(file.text.encode())
    for old in sorted(folder.glob(f"*-{client}-{glob.escape(file.path.name)}"))[:-_KEPT]:
        remove_file(old)
    return copy

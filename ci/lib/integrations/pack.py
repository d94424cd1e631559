"""Write a bundle of a plugin: pack.py FOLDER FILE. Equal files give equal bits."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a ZIP can hold


def main(folder: Path, file: Path) -> None:
    """Pack the files of a folder, in the order of their names."""
    with zipfile.ZipFile(file, "w") as bundle:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.create_system = 3  # Unix, whose modes follow
            entry.external_attr = (0o100755 if path.suffix == "" else 0o100644) << 16
            bundle.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

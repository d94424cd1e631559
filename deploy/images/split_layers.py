"""Split the virtual environment into two trees that become layers.

`python3 split_layers.py VENV TARGET LAYER PACKAGE...` moves the packages, with what belongs to
them, to TARGET/LAYER and all else to TARGET/rest, every file under the path it has in the image.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from normalize import normalize


def main(venv: Path, target: Path, layer: str, packages: list[str]) -> None:
    """Move the trees and set their times."""
    rest = target / "rest" / venv.relative_to("/")
    rest.parent.mkdir(parents=True)
    shutil.move(venv, rest)  # the layers below are another file system
    site_packages = next(rest.glob("lib/python3.*/site-packages"))
    own = target / layer / venv.relative_to("/") / site_packages.relative_to(rest)
    own.mkdir(parents=True)
    for package in packages:
        for part in sorted(site_packages.glob(f"{package}*")):
            part.rename(own / part.name)
    for name in ("rest", layer):
        normalize(target / name, root=target / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])

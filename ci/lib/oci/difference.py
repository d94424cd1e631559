"""Say whether two OCI archives are the same bits and, if not, name the first file that differs.

`python difference.py ONE OTHER` exits with 0 when they are equal and with 1 otherwise.
"""

from __future__ import annotations

import hashlib
import sys
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from archive import Archive, name_of

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator

TRAITS = ("type", "mode", "uid", "gid", "uname", "gname", "mtime", "size", "linkname")


def main(one: Path, other: Path) -> str | None:
    """Describe the first difference; None when there is none."""
    if _digest(one) == _digest(other):
        return None
    with Archive(one) as left, Archive(other) as right:
        return next(_differences(left, right), "the archives differ outside of the image's files")


def _differences(one: Archive, other: Archive) -> Iterator[str]:
    for number, ((_, left), (_, right)) in enumerate(
        zip(one.layers(), other.layers(), strict=False), start=1
    ):
        for ours, theirs in zip_longest(left, right):
            if difference := _difference(left, ours, right, theirs):
                yield f"layer {number}, {difference}"
    if len(one.manifest["layers"]) != len(other.manifest["layers"]):
        yield "the images have different numbers of layers"
    for key in sorted(one.config.keys() | other.config.keys()):
        ours, theirs = one.config.get(key), other.config.get(key)
        if ours != theirs:
            yield f"the configuration's {key}: {ours} and {theirs}"


def _difference(
    left: tarfile.TarFile,
    ours: tarfile.TarInfo | None,
    right: tarfile.TarFile,
    theirs: tarfile.TarInfo | None,
) -> str | None:
    if ours is None or theirs is None:
        return f"{name_of(ours or theirs)}: in one of them only"
    if name_of(ours) != name_of(theirs):
        return f"{min(name_of(ours), name_of(theirs))}: in one of them only, or in another place"
    for trait in TRAITS:
        one, other = (getattr(member, trait) for member in (ours, theirs))
        if one != other:
            return f"{name_of(ours)}: {trait} is {one} and {other}"
    if ours.isreg() and left.extractfile(ours).read() != right.extractfile(theirs).read():
        return f"{name_of(ours)}: contents"
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

"""Write a layer of an image that depends on its files alone.

`python3 layer.py TREE OWNERS` writes TREE, as the root, to standard output. OWNERS has lines like
`data 10001:10001`; all else belongs to root.
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path
from typing import IO

CREATED_S = 1


def write_layer(
    stream: IO[bytes], top: Path, root: Path, owners: dict[str, tuple[int, int]]
) -> None:
    """Write `top` and all below it under their paths relative to `root`."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid, entry.gid = owners.get(entry.name, (0, 0))
        entry.uname = entry.gname = ""
        entry.mtime = CREATED_S
        return entry

    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in [top, *sorted(top.rglob("*"))]:
            if path != root:
                archive.add(path, path.relative_to(root), recursive=False, filter=plain)


def main(tree: Path, listed: Path) -> None:
    """Write the layer of a tree to standard output."""
    owners = {}
    for line in listed.read_text(encoding="utf-8").splitlines():
        name, _, ids = line.partition(" ")
        user, _, group = ids.partition(":")
        owners[name] = (int(user), int(group))
    write_layer(sys.stdout.buffer, tree, tree, owners)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

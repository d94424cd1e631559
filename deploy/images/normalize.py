"""Compile a tree of Python files and give all of it one fixed time: equal sources, equal bytes.

`python3 normalize.py TREE`. The .pyc files depend on the sources alone (unchecked hashes), are used
on a read-only file system and keep the start fast. What Sage does not load stays as source alone.
"""

from __future__ import annotations

import compileall
import os
import re
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

LONG_AGO_S = 315_532_800  # 1980-01-01, the oldest time that every archive format can hold
NOT_LOADED = re.compile(
    r"/python3\.\d+/("
    r"_py(datetime|decimal|io|repl/)|doctest|encodings/(cp|iso|koi|mac)|imaplib|mailbox|optparse|pdb"
    r"|pickletools|pydoc|unittest/|xml/(dom|sax)/|xmlrpc/|site-packages/("
    r"anyio/_backends/_trio|cffi/|numpy/lib/recfunctions|packaging/"
    r"|pydantic/mypy|rich/_(emoji_codes|unicode_data/unicode)))"
)


def normalize(tree: Path, *, root: Path | None = None) -> None:
    """Compile `tree` as if `root` were `/`, and set every time in it."""
    compiles = compileall.compile_dir(
        tree,
        quiet=1,  # names a file that does not compile
        rx=NOT_LOADED,
        maxlevels=20,
        stripdir=root,
        prependdir="/" if root else None,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiles:
        sys.exit(f"not everything below {tree} compiles")
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (LONG_AGO_S, LONG_AGO_S), follow_symlinks=False)


if __name__ == "__main__":
    normalize(Path(sys.argv[1]))

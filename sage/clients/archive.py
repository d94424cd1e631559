"""The client as a single file for Python: a zip archive, reproducible from its sources."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import marshal
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from sage.phrases.language import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION_IN = "sage/__init__.py"
PARTS = (
    _VERSION_IN,
    "sage/clients",
    "sage/domain/__init__.py",
    *(f"sage/domain/{name}.py" for name in ("answer", "limits")),
    *(f"sage/domain/{name}.py" for name in ("memories", "provenance", "text_length")),
    *(f"sage/domain/{name}.py" for name in ("transfer", "validation")),
    "sage/domain/text",
    "sage/errors.py",
    "sage/phrases",
)
"""The folders and files in the archive."""
_MADE_OF = b"sha256 "
_MAIN = "sage/clients/__main__.py"
_SUFFIXES = {".py", ".js"}
_CATALOGUE = f"{CLIENTS}.mo"
_SHEBANG = b"#!/usr/bin/env python3\n"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_UNIX = 3
_UNCHECKED_HASH = (0b01).to_bytes(4, "little")


def packed(root: Path) -> bytes:
    """Return the archive of the packages below `root`. Raises OSError."""
    return _archive(sorted(_sources(root)))


def packed_here() -> bytes:
    """Return the archive of the running packages. Raises OSError."""
    return packed(Path(__file__).parents[2])


def compiled(archive: bytes) -> bytes:
    """Return an archive with its modules compiled for this Python, so that hooks start faster.

    Another Python ignores that, and compiles the sources anew. The archive stores the digest of the
    one from which it was made.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [name for name in opened.namelist() if not name.endswith(".pyc")]
        sources = [(name, opened.read(name)) for name in names]
    made = [
        (f"{name}c", _byte_code(name, source)) for name, source in sources if name.endswith(".py")
    ]
    return _archive([*sources, *made], comment=_MADE_OF + digest_of(archive).encode())


def digest_of(archive: bytes) -> str:
    """Return the SHA-256 of an archive, or of the one it was made from, in hexadecimal digits.

    Raises zipfile.BadZipFile.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        kind, _, made_of = opened.comment.partition(_MADE_OF)
    return hashlib.sha256(archive).hexdigest() if kind or not made_of else made_of.decode()


def version_of(archive: bytes) -> str:
    """Return the release of an archive, without running any of it.

    Raises zipfile.BadZipFile for a file that is no archive, ValueError for another archive.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        if not {"__main__.py", _VERSION_IN} <= {*opened.namelist()}:
            raise ValueError("it is another program")
        found = re.search(
            rb'^__version__ = "([\w.+-]{1,40})"$', opened.read(_VERSION_IN), re.MULTILINE
        )
    if found is None:
        raise ValueError("it has no version")
    return found[1].decode()


def _sources(root: Path) -> Iterator[tuple[str, bytes]]:
    yield "__main__.py", (root / _MAIN).read_bytes()
    for part in PARTS:
        place = root / part
        for path in place.rglob("*") if place.is_dir() else (place,):
            if path.suffix in _SUFFIXES or path.name == _CATALOGUE:
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _archive(members: list[tuple[str, bytes]], comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    file.write(_SHEBANG)
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = comment
        for name, content in members:
            member = zipfile.ZipInfo(name, _LONG_AGO)
            member.create_system, member.external_attr = _UNIX, _MODE
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content, compresslevel=9)
    return file.getvalue()


def _byte_code(name: str, source: bytes) -> bytes:
    code = compile(source, name, "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source)
    return head + marshal.dumps(code)

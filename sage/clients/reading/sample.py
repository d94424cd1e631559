"""The beginning of a file, by which the program that wrote it is recognized."""

from __future__ import annotations

import codecs
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sage.clients.reading.json_stream import read_values
from sage.clients.reading.sqlite_files import columns_of, is_sqlite
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.clients.reading.files import File

_HEAD_BYTES = 65_536
_BLANK = b"\xef\xbb\xbf \r\n\t"
_BROKEN = object()


class SourceSample:
    """Properties of the beginning of a file, each computed when first needed."""

    def __init__(self, file: File) -> None:
        self.file = file

    @cached_property
    def head(self) -> bytes:
        """Return its first bytes. Raises OSError, InvalidInputError."""
        with self.file.open() as stream:
            return stream.read(_HEAD_BYTES)

    @cached_property
    def text(self) -> str:
        """Return its first characters; empty if they are not UTF-8."""
        try:
            # A character that is cut at the end is no fault.
            return codecs.getincrementaldecoder("utf-8-sig")().decode(self.head)
        except UnicodeDecodeError:
            return ""

    @property
    def first(self) -> dict[str, Any]:
        """Return the first object of a JSON file, also of a list or lines.

        It is empty for any other file.
        """
        return self._first_value if isinstance(self._first_value, dict) else {}

    @property
    def is_cut_list(self) -> bool:
        """Return whether it begins with a JSON list whose first element is cut off."""
        return self._first_value is _BROKEN and self.head.lstrip(_BLANK)[:1] == b"["

    @cached_property
    def _first_value(self) -> object:
        if self.head.lstrip(_BLANK)[:1] not in {b"{", b"["}:
            return None
        try:
            with self.file.open() as stream:
                values = read_values(stream, errors="replace")
                next(values)
                return next(values, None)
        except (ValueError, RecursionError, InvalidInputError):
            return _BROKEN

    @cached_property
    def tables(self) -> Mapping[str, frozenset[str]]:
        """Return the columns of each table of an SQLite database; empty for any other file."""
        if self.file.member or not is_sqlite(self.file.path):
            return {}
        return columns_of(self.file.path)

    def has(self, *keys: str) -> bool:
        """Return whether the first object has all of these keys."""
        return self.first.keys() >= {*keys}

"""A form with a file, parsed while it arrives: first the fields, then the file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_MAX_FIELD_BYTES = 10_000
_MAX_FIELDS = 20


class FileForm:
    """A streamed form whose last field is a file.

    Raises InvalidInputError if it is no such form.
    """

    def __init__(self, content_type: str, blocks: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise _broken()
        self._blocks = blocks
        self._found: list[bytes] = []
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value, self._field = bytearray(), bytearray(), bytearray()
        self._name = ""
        self._is_file = False
        self._fields: dict[str, str] = {}
        self.file_name: str | None = None
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": partial(self._add_part, self._header),
                    "on_header_value": partial(self._add_part, self._value),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._take,
                    "on_part_end": self._end,
                },
            )
        except FormParserError:
            raise _broken() from None

    async def fields(self) -> Mapping[str, str]:
        """Return the fields before the file.

        Raises InvalidInputError if the form is malformed, or has no file.
        """
        async for block in self._blocks:
            self._parse(block)
            if self.file_name is not None:
                return self._fields
        raise InvalidInputError("file", "{field} is missing", hint="choose a file")

    async def file(self) -> AsyncIterator[bytes]:
        """Yield the file, block by block. Raises InvalidInputError if the form is malformed."""
        async for block in self._blocks:
            for found in self._taken():
                yield found
            self._parse(block)
        self._finish()
        for found in self._taken():
            yield found

    def _taken(self) -> list[bytes]:
        found, self._found = self._found, []
        return found

    def _parse(self, block: bytes) -> None:
        try:
            self._parser.write(block)
        except FormParserError:
            raise _broken() from None

    def _finish(self) -> None:
        try:
            self._parser.finalize()
        except FormParserError:
            raise _broken() from None

    def _begin(self) -> None:
        self._headers = {}
        self._field = bytearray()
        self._name, self._is_file = "", False

    @classmethod
    def _add_part(cls, to: bytearray, data: bytes, start: int, end: int) -> None:
        cls._add(to, data[start:end])

    @staticmethod
    def _add(to: bytearray, block: bytes) -> None:
        if len(to) + len(block) > _MAX_FIELD_BYTES:
            raise _broken()
        to += block

    def _end_header(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        self._name = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options and self.file_name is None:
            self._is_file = True
            self.file_name = options[b"filename"].decode(errors="replace")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._found.append(data[start:end])
        else:
            self._add(self._field, data[start:end])

    def _end(self) -> None:
        if self._is_file:
            return
        if len(self._fields) >= _MAX_FIELDS:
            raise _broken()
        self._fields[self._name] = self._field.decode(errors="replace")


def _broken() -> InvalidInputError:
    return InvalidInputError(
        "file", "{field}: the form is incomplete", hint="choose the file and send it again"
    )

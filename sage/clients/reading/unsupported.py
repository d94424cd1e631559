"""Files that are recognized but cannot be imported, with the alternative."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.sample import SourceSample


_ZIP = b"PK\x03\x04"
_PACKED = (
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
"""The first bytes of archives by gzip, 7-Zip, RAR, bzip2, xz and Zstandard."""
_GOOGLE = "mdl-"
"""The class names of every page of Google Takeout, in any language."""


_OF_EXPORT = re.compile(r'---\nsession: "[^\n]*"\nspace: "[^\n]*"\n---\n\n# ')


def own_export(sample: SourceSample) -> InvalidInputError | None:
    """Return why a file of Sage's own Markdown export, for people, is not imported as a note."""
    if sample.file.suffix != ".md" or not _OF_EXPORT.match(sample.text):
        return None
    return InvalidInputError(
        sample.file.name,
        "{field} is a Markdown export of Sage, which would be imported as new notes",
        hint="import the output of `sage export > memories.jsonl`",
    )


def known_refusals(sample: SourceSample) -> Iterator[InvalidInputError]:
    """Yield why a file cannot be imported, with the alternative; nothing for an unknown one."""
    name = sample.file.name
    if sample.file.member and sample.head.startswith(_ZIP):
        yield InvalidInputError(
            name,
            "{field} is an archive within an archive",
            hint="unpack the outer archive, and import its contents",
        )
    if sample.head.startswith(_PACKED):
        yield InvalidInputError(
            name,
            "{field} is an unsupported kind of archive",
            hint="unpack it and import the files; zip archives can be imported directly",
        )
    if sample.is_cut_list:
        yield InvalidInputError(name, "{field}: is truncated, or not JSON", hint="export it again")
    if sample.has("data_files"):
        yield InvalidInputError(
            name,
            "{field}: only lists the files of a Claude export",
            hint="pass the zip archives next to it",
        )
    if sample.tables.keys() == {"points"}:
        yield InvalidInputError(
            name,
            "{field} is a vector store of mem0, whose memories only mem0 can read safely",
            hint="save the result of its `get_all` as JSON, or pass its history.db",
        )
    of_google = "MyActivity" in name or _GOOGLE in sample.text
    if sample.file.suffix == ".html" and of_google and "Gemini" in name + sample.text:
        yield InvalidInputError(
            name,
            "{field} is a web page of Google Takeout",
            hint="choose JSON for My Activity in Takeout, and export again",
        )
    if sample.file.suffix == ".pb" and "cascade" in name:
        yield InvalidInputError(
            name,
            "{field} is an encrypted chat of Windsurf",
            hint="only Windsurf itself can read it",
        )

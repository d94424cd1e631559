"""Texts from the process that reads a file, stored in a record on disk, and shown to people.

They remain phrases, so that they can be shown in the language of the reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.phrases import as_json, as_phrase, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def written(text: str) -> dict[str, object]:
    """Return a text in JSON form."""
    return {"text": _encodable(text), "phrase": as_json(as_phrase(text), _encodable)}


def read(sent: Mapping[str, object]) -> str:
    """Return a text from its JSON form."""
    return from_json(str(sent["text"]), sent["phrase"])


def _encodable(text: str) -> str:
    return str(text).encode(errors="replace").decode()

"""Texts that go from the process that reads a file to a record on disk, and from there to people.

They stay phrases, so that they can be said in the language of whoever reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.phrases import as_json, as_phrase, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def written(text: str) -> dict[str, object]:
    """Return a text as JSON has it."""
    return {"text": _encodable(text), "phrase": as_json(as_phrase(text), _encodable)}


def read(sent: Mapping[str, object]) -> str:
    """Return the text that was written so."""
    return from_json(str(sent["text"]), sent["phrase"])


def _encodable(text: str) -> str:
    return str(text).encode(errors="replace").decode()

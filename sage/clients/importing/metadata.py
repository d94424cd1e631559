"""Metadata of other programs, made to fit: of bounded size, and only what can be stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sage.clients.transcripts.cleaning import UNSTORABLE
from sage.domain.validation import validate_metadata
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FEW = 8
_SHORT_CHARS = 256


def bounded_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """Return metadata without what cannot be stored; the longest values go where it is too much."""
    kept = {key: _storable(value) for key, value in metadata.items() if value not in (None, "", [])}
    while not _is_small(kept):
        try:
            validate_metadata("metadata", kept)
        except InvalidInputError:
            longest = max(kept, key=lambda key: len(json.dumps(kept[key], default=str)))
            del kept[longest]
        else:
            break
    return kept


def _is_small(metadata: Mapping[str, object]) -> bool:
    """Return whether metadata is certainly short enough: a few short texts."""
    return len(metadata) < _FEW and all(
        isinstance(value, str) and len(value) < _SHORT_CHARS for value in metadata.values()
    )


def _storable(value: object) -> object:
    match value:
        case str():
            return UNSTORABLE.sub("\ufffd", value)
        case dict():
            return {str(_storable(str(key))): _storable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_storable(inner) for inner in value]
        case int() | float() | None:
            return value
    return str(value)

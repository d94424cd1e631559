"""Answers as JSON, without the fields that are empty."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from sage.domain.answer import Answer


def to_json_object(answer: Answer) -> dict[str, Any]:
    """Return what `answer` holds, as the published schema of its class says."""
    kind: Any = type(answer)
    published: dict[str, Any] = _adapter(kind).dump_python(answer, mode="json")
    return published


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)

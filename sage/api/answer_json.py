"""Answers as JSON, without the fields that are empty: for programs, and for models."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from sage.retrieval.context.fence import without_fences

if TYPE_CHECKING:
    from sage.domain.answer import Answer


def to_json_object(answer: Answer) -> dict[str, Any]:
    """Return what `answer` holds, as the published schema of its class says."""
    kind: Any = type(answer)
    published: dict[str, Any] = _adapter(kind).dump_python(answer, mode="json")
    return published


def to_json_for_model(answer: Answer) -> dict[str, Any]:
    """Return the same in which no text holds what is not seen, or passes for a mark.

    `context` at the top is fenced already. An id that had to be changed is that of no session.
    """
    return {
        name: value if name == "context" else _harmless(value)
        for name, value in to_json_object(answer).items()
    }


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return without_fences(value)
    if isinstance(value, dict):
        return {_harmless_name(name): _harmless(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_harmless(one) for one in value]
    return value


_harmless_name = lru_cache(without_fences)


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)

"""Answers as JSON, without empty fields: for programs, and for models."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from sage.retrieval.context.fence import without_fences

if TYPE_CHECKING:
    from sage.domain.answer import Answer


def to_json_object(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON, as the published schema of its class describes it."""
    kind: Any = type(answer)
    published: dict[str, Any] = _adapter(kind).dump_python(answer, mode="json")
    return published


def to_json_for_model(answer: Answer) -> dict[str, Any]:
    """Return the same, without text that is invisible or imitates a mark of Sage.

    `context` at the top level is already fenced. An id that had to be changed belongs to no
    session.
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

"""The base of what Sage answers. Pydantic reads these classes and publishes them as they are."""

from __future__ import annotations

from typing import Any, ClassVar


class Answer:
    """An answer; each field says what it is by `metadata=doc(...)`, for the published schema."""

    __slots__ = ()

    __pydantic_config__: ClassVar[dict[str, object]] = {
        "json_schema_serialization_defaults_required": True,
    }


def doc(description: str) -> dict[str, object]:
    """Return what pydantic takes for the description of a field."""
    return {"description": description}


def optional(description: str) -> dict[str, object]:
    """Return the description of a field that is left out of JSON where it is None or empty."""
    return {**doc(description), "exclude_if": _is_empty, "json_schema_extra": _drop_null}


def internal(description: str) -> dict[str, object]:
    """Return the description of a field that is never published."""
    return {**doc(description), "exclude": True}


def _is_empty(value: object) -> bool:
    return value is None or value in ((), {})


def _drop_null(schema: dict[str, Any]) -> None:
    """Publish the plain type: what is left out is never null."""
    for one in schema.pop("anyOf", ()):
        if one.get("type") != "null":
            schema.update(one)

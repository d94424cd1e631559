"""The base of what Sage answers. Pydantic reads these classes and publishes them as they are."""

from __future__ import annotations

from typing import Any, ClassVar

ON_REQUEST = "x-on-request"
"""Marks what is published in OpenAPI and not to models."""


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


def on_request(description: str) -> dict[str, object]:
    """Return the description of a field that is there only where a program asked for it.

    Models are not shown that there is such a field.
    """
    return {**optional(description), "json_schema_extra": _mark_on_request}


def internal(description: str) -> dict[str, object]:
    """Return the description of a field that is never published."""
    return {**doc(description), "exclude": True}


def _is_empty(value: object) -> bool:
    return value is None or value in ((), {})


def _mark_on_request(schema: dict[str, Any]) -> None:
    _drop_null(schema)
    schema[ON_REQUEST] = True


def _drop_null(schema: dict[str, Any]) -> None:
    """Publish the plain type: what is left out is never null."""
    for one in schema.pop("anyOf", ()):
        if one.get("type") != "null":
            schema.update(one)

"""The base class of answers. Pydantic reads these classes and publishes them as they are."""

from __future__ import annotations

from typing import Any, ClassVar

ON_REQUEST = "x-on-request"
"""Marks fields that are published in OpenAPI but not to models."""


class Answer:
    """An answer; each field has its description for the published schema in `metadata=doc(...)`."""

    __slots__ = ()

    __pydantic_config__: ClassVar[dict[str, object]] = {
        "json_schema_serialization_defaults_required": True,
    }


def doc(description: str) -> dict[str, object]:
    """Return the metadata that pydantic reads as the description of a field."""
    return {"description": description}


def optional(description: str) -> dict[str, object]:
    """Return the metadata of a field that is omitted from JSON where it is None or empty."""
    return {**doc(description), "exclude_if": _is_empty, "json_schema_extra": _drop_null}


def on_request(description: str) -> dict[str, object]:
    """Return the metadata of a field that is included only if a program requested it.

    The schema shown to models does not contain the field.
    """
    return {**optional(description), "json_schema_extra": _mark_on_request}


def internal(description: str) -> dict[str, object]:
    """Return the metadata of a field that is never published."""
    return {**doc(description), "exclude": True}


def _is_empty(value: object) -> bool:
    return value is None or value in ((), {})


def _mark_on_request(schema: dict[str, Any]) -> None:
    _drop_null(schema)
    schema[ON_REQUEST] = True


def _drop_null(schema: dict[str, Any]) -> None:
    """Publish the type without null: a field that is null is omitted."""
    for one in schema.pop("anyOf", ()):
        if one.get("type") != "null":
            schema.update(one)

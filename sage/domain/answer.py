"""The base class of answers, whose published JSON Schema Pydantic derives from the dataclasses."""

from __future__ import annotations

from typing import ClassVar


class Answer:
    """An answer: the docstring below each field is its description in the published schema."""

    __slots__ = ()

    __pydantic_config__: ClassVar[dict[str, object]] = {
        "use_attribute_docstrings": True,
        "json_schema_serialization_defaults_required": True,
    }

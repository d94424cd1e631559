"""The base of what Sage answers. Pydantic reads these classes and publishes them as they are."""

from __future__ import annotations

from typing import ClassVar


class Answer:
    """An answer; each field says what it is by `metadata=doc(...)`, for the published schema."""

    __slots__ = ()

    __pydantic_config__: ClassVar[dict[str, object]] = {
        "json_schema_serialization_defaults_required": True,
    }


def doc(description: str) -> dict[str, str]:
    """Return what pydantic takes for the description of a field."""
    return {"description": description}

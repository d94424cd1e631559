"""The JSON Schema (2020-12) of arguments and answers, as shown to clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from sage.domain.answer import ON_REQUEST
from sage.domain.caller import ALL_SPACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core.core_schema import ModelSchema, NullableSchema, WithDefaultSchema

    from sage.api.arguments import SpaceArguments
    from sage.domain.answer import Answer

SPACE = "space"
"""The argument that selects a space, shown only to callers with a choice."""


def arguments_schema(arguments: type[SpaceArguments]) -> dict[str, Any]:
    """Return the schema of the arguments of a tool, as far as a model decides on them.

    References are resolved, since some clients do not support them.
    """
    schema = arguments.model_json_schema(schema_generator=ArgumentsSchema)
    for name in {*arguments.for_programs, SPACE}:
        del schema["properties"][name]
    return _in_one_piece(schema)


def with_spaces(
    schema: dict[str, Any], spaces: Sequence[str], *, takes_all: bool
) -> dict[str, Any]:
    """Return the schema of a tool's arguments with a choice of spaces, the first by default."""
    chosen = {
        "type": "string",
        "description": "Which memory to use." + f" {ALL_SPACES}: all of them." * takes_all,
        "enum": [*spaces, *([ALL_SPACES] if takes_all else [])],
        "default": spaces[0],
    }
    return {**schema, "properties": {**schema["properties"], SPACE: chosen}}


def answer_schema(answer: type[Answer]) -> dict[str, Any]:
    """Return the schema of the answer of a tool, without references: clients validate it faster.

    Fields that are included only on request are left out: no model requests them.
    """
    schema = TypeAdapter(answer).json_schema(schema_generator=NoTitles, mode="serialization")
    for part in (schema, *schema.get("$defs", {}).values()):
        fields = part.get("properties", {})
        for name in [name for name, field in fields.items() if ON_REQUEST in field]:
            del fields[name]
    return _in_one_piece(schema)


def _in_one_piece(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace references in a schema by the definitions."""
    parts = {f"#/$defs/{name}": part for name, part in schema.pop("$defs", {}).items()}
    for part in parts.values():
        part.pop("title", None)
    published: dict[str, Any] = _with_parts(schema, parts)
    return published


def _with_parts(schema: Any, parts: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(schema, list):
        return [_with_parts(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {**parts.get(schema.get("$ref", ""), {}), **schema}
    return {name: _with_parts(one, parts) for name, one in whole.items() if name != "$ref"}


class NoTitles(GenerateJsonSchema):
    """Omits the title of each field: it repeats the name and costs a model tokens."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's
        """Return False for every field."""
        return False


class ArgumentsSchema(NoTitles):
    """Publishes each argument with its plain type: some clients cannot read a union with null.

    Null is accepted all the same, as if the argument were omitted.
    """

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        """Return the schema without null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema with its default, unless that is null."""
        published = super().default_schema(schema)
        if published.get("default", ...) is None:
            del published["default"]
        return published

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Return the schema without the description of its class and without alternatives.

        Providers of models reject tools with oneOf at the top; the texts describe the alternatives.
        """
        published = super().model_schema(schema)
        for name in ("title", "description", "oneOf"):
            published.pop(name, None)
        return published

"""Strict validation of arguments, and the errors for invalid ones.

Types are strict (a boolean is no number, a number is no text) and unknown names are rejected, since
a misspelt filter that is ignored finds the wrong memories. Ranges and lengths are checked once, by
the domain. What cannot mean anything else is accepted: null for an optional argument, 5.0 for 5,
and a string of JSON ("5", "true", "[]") for anything that is not text, as some clients send it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Self, TypeGuard

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from sage.api.json_bounds import find_excess
from sage.errors import InvalidInputError
from sage.phrases import phrase, with_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

_MAX_ERRORS_SHOWN = 5
_MAX_NAME_CHARS = 60
_UNKNOWN: Final = "unknown_argument"
_TOO_MANY: Final = "too_many_values"
_OTHER = (phrase("{field} has a value that is not accepted"), phrase("see the published schema"))

_TYPES = {
    "string_type": (phrase("{field} must be a string"), phrase("pass it as text in quotes")),
    "int_type": (phrase("{field} must be a whole number"), phrase("pass a number")),
    "int_from_float": (
        phrase("{field} must be a whole number"),
        phrase("pass a number without a fraction"),
    ),
    "float_type": (phrase("{field} must be a number"), phrase("pass a number")),
    "bool_type": (phrase("{field} must be true or false"), phrase("pass true or false")),
    "list_type": (phrase("{field} must be a list"), phrase("pass a JSON array")),
    "dict_type": (
        phrase("{field} must be a JSON object"),
        phrase('pass an object, for example {"topic": "tea"}'),
    ),
    "model_type": (
        phrase("{field} must be a JSON object"),
        phrase("pass an object with the named arguments"),
    ),
    _TOO_MANY: (phrase("{field} contains too many values"), phrase("send them in several calls")),
    "too_short": (phrase("{field} is empty"), phrase("pass at least one entry, or omit it")),
    "model_attributes_type": (
        phrase("{field} must be a JSON object"),
        phrase("pass an object with the named arguments"),
    ),
}


def _read_json(value: object) -> object:
    """Parse a string of JSON; leave other values to the validation of the type."""
    if not isinstance(value, str):
        return value
    match find_excess(value.encode("utf-8", "surrogatepass")):
        case "values" | "depth":
            raise PydanticCustomError(_TOO_MANY, "too many values")
        case "digits":
            return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _read_whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


JsonString = BeforeValidator(_read_json)
WholeNumber = Annotated[int, BeforeValidator(_read_whole), JsonString]
Number = Annotated[float, JsonString]
Flag = Annotated[bool, JsonString]


def encodable(text: str) -> str:
    """Escape lone surrogates, so that the text can be encoded in UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def either(*alternatives: Sequence[str]) -> ConfigDict:
    """Return a configuration whose schema requires exactly one of the groups of arguments."""
    names = {name for group in alternatives for name in group}
    return ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": list(group),
                    "properties": {
                        name: {"not": {"type": "null"}} if name in group else {"type": "null"}
                        for name in sorted(names)
                    },
                }
                for group in alternatives
            ]
        }
    )


class Arguments(BaseModel):
    """Arguments of one call; wrong types and unknown names are rejected."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    for_programs: ClassVar[frozenset[str]] = frozenset()
    """Arguments that REST documents and that are accepted over MCP, but not shown to models."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, raw: object) -> object:
        """Reject unknown arguments, with the names of the known ones in the error."""
        names = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [name for name in raw if name not in names] if _is_object(raw) else []
        if unknown:
            known = ", ".join(known for known in names if known != "space")
            name = encodable(unknown[0])
            raise PydanticCustomError(_UNKNOWN, "unknown", {"name": name, "known": known})
        return raw

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Self:
        """Validate types and names. Raises InvalidInputError that names the field and the fix."""
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise explain_invalid(error.errors(include_url=False)) from None


def explain_invalid(errors: Sequence[ErrorDetails], *, skip: int = 0) -> InvalidInputError:
    """Convert pydantic's errors into one error that a person or a model can act on.

    The first error determines the field; the others follow in the hint. `skip` is how many leading
    parts of a location do not belong to the argument's name, as "body" in a REST body.
    """
    explained = [_explained(error, error["loc"][skip:]) for error in errors[:_MAX_ERRORS_SHOWN]]
    field, message, hint = explained[0]
    for place, (name, what, fix) in enumerate(explained[1:]):
        hint = phrase(
            "{hint}; {problem} ({fix})" if place else "{hint}; also: {problem} ({fix})",
            hint=hint,
            problem=with_arguments(what, field=name),
            fix=fix,
        )
    if len(errors) > _MAX_ERRORS_SHOWN:
        hint = phrase("{hint}; {more} more", hint=hint, more=len(errors) - _MAX_ERRORS_SHOWN)
    return InvalidInputError(field, message, hint=hint)


def _explained(error: ErrorDetails, location: Sequence[int | str]) -> tuple[str, str, str]:
    match error["type"]:
        case "missing":
            field = _name(location)
            return field, "{field} is missing", phrase("pass {field}", field=field)
        case kind if kind == _UNKNOWN:
            context = error["ctx"]
            field = _name([*location, context["name"]])
            known = context["known"]
            hint = phrase("use: {known}", known=known) if known else "omit it"
            return field, "{field} is not a known argument", hint
        case "too_long":
            most = error["ctx"]["max_length"]
            problem = phrase("{field} has more than {most:,} entries", most=most)
            return _name(location), problem, "send them in several calls"
        case kind:
            return _name(location), *_TYPES.get(kind, _OTHER)


def _name(location: Sequence[int | str]) -> str:
    parts = (f"[{p}]" if isinstance(p, int) else f".{p[:_MAX_NAME_CHARS]}" for p in location)
    return "".join(parts).removeprefix(".") or "arguments"


def _is_object(raw: object) -> TypeGuard[dict[str, object]]:
    return isinstance(raw, dict)

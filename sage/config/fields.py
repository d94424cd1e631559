"""What the settings say of a variable: its type, its default and its limits."""

from __future__ import annotations

import types
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from sage.config.settings import Settings
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from sage.config.variable import Variable


def is_secret(variable: Variable) -> bool:
    """Return whether the value must never be shown."""
    return SecretStr in _types_of(variable)


def is_flag(variable: Variable) -> bool:
    """Return whether the value is true or false."""
    return bool in _types_of(variable)


def choices_of(variable: Variable) -> tuple[str, ...]:
    """Return the words allowed, none when any value of the type will do."""
    if is_flag(variable):
        return ("true", "false")
    for kind in _types_of(variable):
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return tuple(str(member) for member in kind)
    return ()


def default_of(variable: Variable) -> object:
    """Return the built-in default, None when there is none or it is found when Sage runs."""
    field = _field_of(variable)
    return None if field is None or field.default is PydanticUndefined else field.default


def range_of(variable: Variable) -> str:
    """Return the numbers allowed, `1 to 50` or `above 0, at most 9`; empty without limits."""
    field = _field_of(variable)
    bounds = field.metadata if field is not None else []
    low, above, high = (
        next((getattr(bound, name) for bound in bounds if hasattr(bound, name)), None)
        for name in ("ge", "gt", "le")
    )
    if above is not None:
        return phrase("above {above}, at most {high}", above=str(above), high=str(high))
    return "" if low is None else phrase("{low} to {high}", low=str(low), high=str(high))


def _field_of(variable: Variable) -> FieldInfo | None:
    """Return the settings field that a variable fills, None for `SAGE_CONFIG`."""
    if not variable.path:
        return None
    model: type[BaseModel] = Settings
    *groups, name = variable.path.split(".")
    for group in groups:
        annotation = model.model_fields[group].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            raise TypeError(f"{group} is not a group of settings")
        model = annotation
    return model.model_fields[name]


def _types_of(variable: Variable) -> tuple[object, ...]:
    field = _field_of(variable)
    return () if field is None else tuple(_bare(field.annotation))


def _bare(annotation: object) -> Iterator[object]:
    """Yield the types in unions and annotations, however they are nested."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _bare(get_args(annotation)[0])
    elif origin in {types.UnionType, Union}:
        for alternative in get_args(annotation):
            yield from _bare(alternative)
    else:
        yield annotation

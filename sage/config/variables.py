"""The list of variables, derived from the settings that declare them."""

from __future__ import annotations

import types
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from sage.config.settings import Settings
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, and the declaration of its setting.

    `path` is dotted (`server.port`), which is also its key in a TOML file; it is empty for
    `SAGE_CONFIG`, which names the file to read and sets no setting. `group` is the title of its
    group.
    """

    name: str
    path: str
    group: str
    summary: str
    example: str
    field: FieldInfo | None = None

    @property
    def is_secret(self) -> bool:
        """Whether the value must never be shown."""
        return SecretStr in self._types

    @property
    def is_flag(self) -> bool:
        """Whether the value is true or false."""
        return bool in self._types

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed words, none if any value of the type is allowed."""
        if self.is_flag:
            return ("true", "false")
        for kind in self._types:
            if isinstance(kind, type) and issubclass(kind, StrEnum):
                return tuple(str(member) for member in kind)
        return ()

    @property
    def default(self) -> object:
        """The built-in default, None if there is none or it is determined at run time."""
        if self.field is None or self.field.default is PydanticUndefined:
            return None
        return self.field.default

    @property
    def range(self) -> str:
        """The allowed numbers, `1 to 50` or `above 0, at most 9`; empty without limits."""
        bounds = self.field.metadata if self.field is not None else []
        low, above, high = (
            next((getattr(bound, name) for bound in bounds if hasattr(bound, name)), None)
            for name in ("ge", "gt", "le")
        )
        if above is not None:
            return phrase("above {above}, at most {high}", above=str(above), high=str(high))
        return "" if low is None else phrase("{low} to {high}", low=str(low), high=str(high))

    @property
    def _types(self) -> tuple[object, ...]:
        return () if self.field is None else tuple(_bare(self.field.annotation))


def _bare(annotation: object) -> Iterator[object]:
    """Yield the types in nested unions and annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _bare(get_args(annotation)[0])
    elif origin in {types.UnionType, Union}:
        for alternative in get_args(annotation):
            yield from _bare(alternative)
    else:
        yield annotation


def _declared(group: type[BaseModel], prefix: str = "") -> Iterator[Variable]:
    """Yield the variables of a group of settings, then those of its nested groups."""
    inner: list[tuple[type[BaseModel], str]] = []
    title = group.model_config["title"] or ""
    for name, field in group.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner.append((field.annotation, f"{prefix}{name}."))
            continue
        (example,) = field.examples or ("",)
        yield Variable(
            str(field.title), prefix + name, title, str(field.description), str(example), field
        )
    if not prefix:
        yield _config_file(title)
    for model, path in inner:
        yield from _declared(model, path)


def _config_file(group: str) -> Variable:
    return Variable(
        "SAGE_CONFIG",
        "",
        group,
        phrase(
            "TOML file to read. Default: `sage.toml` next to the start script, else in the data "
            "directory, if it exists."
        ),
        "/etc/sage/sage.toml",
    )


VARIABLES = tuple(_declared(Settings))
BY_NAME = types.MappingProxyType({variable.name: variable for variable in VARIABLES})
BY_PATH = types.MappingProxyType(
    {variable.path: variable for variable in VARIABLES if variable.path}
)

"""Convert answers to JSON and back without pydantic, which the command line has no time to load.

Whether a field is published follows from its metadata, as in pydantic (`sage.domain.answer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from sage.domain.answer import Answer
from sage.phrases import from_json as phrase_from_json

if TYPE_CHECKING:
    from collections.abc import Iterator

AnswerT = TypeVar("AnswerT", bound=Answer)

_EMPTY: Mapping[object, object] = {tuple: (), Mapping: {}}


def to_json(answer: Answer, *, whole: bool = False) -> dict[str, Any]:
    """Return the published fields of an answer, or with `whole` also internal and empty ones."""
    return {name: _plain(value, whole=whole) for name, value in _fields_of(answer, whole=whole)}


def from_json(kind: type[AnswerT], published: Mapping[str, Any]) -> AnswerT:
    """Return an answer from its published fields; the others are None or empty.

    A text becomes the phrase that it was, if that is published beside it. Raises ValueError,
    KeyError or TypeError for a value that is no such answer.
    """
    hints = get_type_hints(kind)
    phrases = published.get("phrases", {})
    return kind(
        **{
            one.name: phrase_from_json(text, phrases[one.name])
            if isinstance(text := published.get(one.name), str) and one.name in phrases
            else _read(hints[one.name], text)
            for one in fields(kind)  # type: ignore[arg-type] # answers are dataclasses
            if one.init
        }
    )


def _fields_of(answer: Answer, *, whole: bool) -> Iterator[tuple[str, object]]:
    for one in fields(answer):  # type: ignore[arg-type] # answers are dataclasses
        value = getattr(answer, one.name)
        leave_out = one.metadata.get("exclude_if")
        if whole or not (one.metadata.get("exclude") or (leave_out and leave_out(value))):
            yield one.name, value


def _plain(value: object, *, whole: bool) -> object:
    match value:
        case Answer():
            return to_json(value, whole=whole)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case UUID() | str():
            return str(value)
        case tuple() | list():
            return [_plain(one, whole=whole) for one in value]
        case Mapping():
            return {name: _plain(one, whole=whole) for name, one in value.items()}
        case _:
            return value


def _read(hint: Any, value: Any) -> Any:  # noqa: ANN401 - the type of a field, and its value
    kind = get_origin(hint) or hint
    if kind in {UnionType, Union}:
        return None if value is None else _read(get_args(hint)[0], value)
    if value is None:
        return _EMPTY.get(kind)
    if kind is tuple:
        return tuple(_read(get_args(hint)[0], one) for one in value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if is_dataclass(kind):
        return from_json(kind, value)  # type: ignore[type-var, arg-type] # what answers hold are answers
    return value if kind in {Mapping, object, int, float, bool} else kind(value)

"""Turn validation errors of pydantic into problems: variable, origin, message, hint. No secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.config.values import RefusedValueError, printable
from sage.config.variables import BY_PATH
from sage.errors import ConfigurationProblem, closest
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from sage.config.value import Value
    from sage.config.variables import Variable

MASK = "********"
_USER_IN_URL = re.compile(r"(?<=://)[^/\s]*@")
_DSN = re.compile(
    r"(?P<start>[a-z]+://)(?P<user>[^/:@\s]*)(:[^/@\s]*)?@"
    r"(?P<rest>[^@?#\s]*(\?((host|port|sslmode|target_session_attrs)=[^@&#\s]*(&|$))*)?)"
)
_MAX_SHOWN_CHARS = 200
_SERVICE_LINK_HINT = (
    "Kubernetes sets this for a Service of that name: set `enableServiceLinks: false` "
    "in the pod, or rename the Service"
)
_KINDS = {
    "greater_than": "out of range",
    "greater_than_equal": "out of range",
    "less_than_equal": "out of range",
    "finite_number": "out of range",
    "int_parsing": "int",
    "int_type": "int",
    "int_from_float": "int",
    "int_parsing_size": "int",
    "float_parsing": "float",
    "float_type": "float",
    "too_short": "short",
}


def display_value(variable: Variable, raw: object) -> str:
    """Return a value for people: secrets masked, control characters escaped, long text cut.

    Of a database address only the password is masked, if the address can be parsed.
    """
    if raw is None:
        return ""
    text = ",".join(map(str, raw)) if isinstance(raw, list | tuple) else str(raw)
    if isinstance(raw, bool):
        text = text.lower()
    if not text:
        return ""
    if variable.path in {"database.dsn", "database.read_dsn"}:
        match = _DSN.fullmatch(text)
        return f"{match['start']}{match['user']}:{MASK}@{match['rest']}" if match else MASK
    if variable.is_secret:
        return MASK
    text = printable(_USER_IN_URL.sub(f"{MASK}@", text))
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."


def explain(error: ValidationError, values: Mapping[str, Value]) -> list[ConfigurationProblem]:
    """Return a problem for each refused variable."""
    problems: dict[str, ConfigurationProblem] = {}
    for detail in error.errors():
        variable = variable_at(detail["loc"])
        value = values[variable.name]
        message, hint = _message_and_hint(variable, value.raw, detail)
        problems.setdefault(
            variable.name, ConfigurationProblem(variable.name, value.origin, message, hint)
        )
    return list(problems.values())


def variable_at(location: tuple[int | str, ...]) -> Variable:
    """Return the variable of a pydantic location."""
    keys = [str(key) for key in location]
    paths = (".".join(keys[:length]) for length in range(len(keys), 0, -1))
    return next(BY_PATH[path] for path in paths if path in BY_PATH)


def _message_and_hint(variable: Variable, raw: object, detail: ErrorDetails) -> tuple[str, str]:
    value = "" if variable.is_secret else display_value(variable, raw)
    allowed = variable.range
    number = phrase("Write a number: {range}", range=allowed) if allowed else "Write a number"
    context = detail.get("ctx", {})
    refused = context.get("error")
    if isinstance(refused, RefusedValueError):
        return _with_value(refused.message, variable, value), refused.hint
    if isinstance(raw, str) and raw.startswith("tcp://"):
        return _with_value("is a service link", variable, value), _SERVICE_LINK_HINT
    if variable.choices:
        problem, hint = _about_choice(variable, raw)
        return _with_value(problem, variable, value), hint
    match _KINDS.get(detail["type"], "text"):
        case "out of range":
            problem, hint = "is out of range", number
        case "int":
            problem, hint = "is not a whole number", number
        case "float":
            problem, hint = "is not a number", number
        case "short":
            problem = phrase("is shorter than {least} characters", least=context["min_length"])
            return problem, "Generate one with `openssl rand -hex 32`"
        case _:
            problem, hint = "is not text", "Write it as text"
    return _with_value(problem, variable, value), hint


def _with_value(problem: str, variable: Variable, value: str) -> str:
    if variable.is_secret:
        return problem
    return phrase("{problem} ({value})", problem=as_phrase(problem), value=value)


def _about_choice(variable: Variable, raw: object) -> tuple[str, str]:
    choices = variable.choices
    problem = phrase("is not one of {choices}", choices=list(choices))
    meant = _choice_like(str(raw), choices)
    if meant is None:
        return problem, phrase("Write one of {choices}", choices=list(choices))
    return problem, phrase(
        "Did you mean {choice}? Write one of {choices}", choice=meant, choices=list(choices)
    )


def _choice_like(word: str, choices: tuple[str, ...]) -> str | None:
    """Return the allowed word that an unknown one probably stands for, None if none is similar."""
    by_lower = {choice.lower(): choice for choice in choices}
    found = closest(word.lower(), by_lower)
    return by_lower[found] if found else None

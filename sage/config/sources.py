"""The sources of settings. Each is read completely, with all its problems."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.config.dotenv import BadLine, parse_dotenv
from sage.config.names import NAMES, PATHS
from sage.config.other_names import (
    PRESENT_NAMES,
    former_name,
    key_like,
    removed_name,
    variable_like,
)
from sage.config.value import LAST_START, Value
from sage.config.values import DEFAULT_PORT, is_port
from sage.errors import ConfigurationProblem
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAX_FILE_BYTES = 65_536
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
_SERVICE_LINK = "tcp://"  # what Kubernetes sets in every pod for a Service called sage

PROFILES: Mapping[str, Mapping[str, str]] = {
    "dev": {},
    "staging": {"SAGE_LOG_FORMAT": "json"},
    "prod": {"SAGE_LOG_FORMAT": "json", "SAGE_AUTH": "token"},
}


@dataclass(slots=True)
class Layer:
    """The values that one source sets, and its problems."""

    values: dict[str, Value] = field(default_factory=dict)
    problems: list[ConfigurationProblem] = field(default_factory=list)


def read_profile(env: str, folder: Path) -> Layer:
    """Return the values that an environment (`SAGE_ENV`) implies; unknown names imply none."""
    profile = PROFILES.get(env.strip().lower(), {})
    origin = phrase("profile {env}", env=env)
    return Layer({name: Value(raw, origin, folder) for name, raw in profile.items()})


def read_last_start(path: Path) -> Layer:
    """Return the port of the last start on a data directory, unless it is the default one."""
    text = _read(path)
    port = "" if isinstance(text, _Unreadable) else text.partition("\n")[0].rpartition(" ")[2]
    if not is_port(port) or int(port) == DEFAULT_PORT:
        return Layer()
    return Layer({"MCP_SERVER_PORT": Value(port, LAST_START, path.parent)})


def read_mapping(values: Mapping[str, object], origin: str, folder: Path) -> Layer:
    """Read the process environment, or overrides by variable name. Empty text and None are unset.

    Relative paths count from `folder`.
    """
    return _layer((name, Value(raw, origin, folder)) for name, raw in values.items())


def read_dotenv(path: Path) -> Layer:
    """Read a `.env` file."""
    text = _read(path)
    if isinstance(text, _Unreadable):
        hint = "Make it a readable text file in UTF-8, or pass another one with --env-file"
        return Layer(problems=[ConfigurationProblem(path.name, str(path), text.reason, hint)])
    assigned: dict[str, Value] = {}
    problems: list[ConfigurationProblem] = []
    for item in parse_dotenv(text):
        origin = phrase("{path} line {line}", path=path, line=item.line)
        if isinstance(item, BadLine):
            hint = "Write NAME=value; begin comments with #"
            problems.append(ConfigurationProblem(path.name, origin, item.reason, hint))
            continue
        if item.name in assigned and str(assigned[item.name].raw).strip():
            message = phrase("is already set in {origin}", origin=assigned[item.name].origin)
            hint = "Remove one of them; the last one takes precedence"
            problems.append(ConfigurationProblem(item.name, origin, message, hint, warning=True))
        assigned[item.name] = Value(item.value, origin, path.parent)
    layer = _layer(assigned.items())
    return Layer(layer.values, problems + layer.problems)


def read_toml(path: Path) -> Layer:
    """Read a TOML file: variables by name, or in tables (`[server]`, then `port = 17801`)."""
    text = _read(path)
    hint = "Correct the file, or point SAGE_CONFIG at another"
    if isinstance(text, _Unreadable):
        return Layer(problems=[ConfigurationProblem("SAGE_CONFIG", str(path), text.reason, hint)])
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        origin = phrase("{path} line {line}", path=path, line=int(place[1])) if place else str(path)
        return Layer(problems=[ConfigurationProblem("SAGE_CONFIG", origin, "is not TOML", hint)])
    found: dict[str, Value] = {}
    problems: list[ConfigurationProblem] = []
    for key, raw in _flatten(document):
        origin = f"{path}: {key}"
        name = _name_of(key)
        if name in {None, "SAGE_CONFIG", "SAGE_CONFIG_FILE"}:
            problems.append(_unknown_key(key, origin))
        elif name in found:
            other = found[name].origin.rpartition(" ")[2]
            message = phrase("is set twice, also as {key}", key=other)
            problems.append(ConfigurationProblem(name, origin, message, "Remove one of them"))
        elif name is not None:
            found[name] = Value(raw, origin, path.parent)
    layer = _layer(found.items())
    return Layer(layer.values, problems + layer.problems)


def _layer(items: Iterable[tuple[str, Value]]) -> Layer:
    """Sort the values of a source into Sage's variables, problems, and values for others."""
    layer = Layer()
    given = {name: value for name, value in items if not _is_blank(value.raw)}
    for name, value in given.items():
        if isinstance(value.raw, str) and _UNSTORABLE.search(value.raw):
            message = "contains a NUL character, or bytes that are not UTF-8"
            layer.problems.append(
                ConfigurationProblem(name, value.origin, message, "Save it as plain text in UTF-8")
            )
        elif name in PATHS:
            layer.values[name] = value
        else:
            _add_alias(layer, name, value, given)
    return layer


def _add_alias(layer: Layer, name: str, value: Value, given: Mapping[str, Value]) -> None:
    """Add a value that is set by `NAME_FILE` or by a former name; report a misspelt name."""
    bare = name.removesuffix("_FILE")
    if bare in PATHS:
        _add_file(layer, bare, value, beside=bare in given)
    elif name in PRESENT_NAMES:
        present = PRESENT_NAMES[name]
        counts = present not in given and f"{present}_FILE" not in given
        layer.problems.append(former_name(name, value.origin, counts=counts))
        if counts:
            layer.values[present] = Value(
                value.raw,
                phrase("{origin}, as {name}", origin=value.origin, name=name),
                value.folder,
            )
    elif problem := removed_name(name, value.origin):
        layer.problems.append(problem)
    elif not str(value.raw).startswith(_SERVICE_LINK) and (meant := variable_like(name)):
        hint = phrase("Did you mean {meant}?", meant=meant)
        layer.problems.append(
            ConfigurationProblem(name, value.origin, "is not a setting of Sage", hint, warning=True)
        )


def _add_file(layer: Layer, name: str, path: Value, *, beside: bool) -> None:
    """Add the value of `name` from the file that `NAME_FILE` names, unless `NAME` is `beside`."""
    text = _read(path.folder / str(path.raw))
    if beside:
        message, hint = phrase("is set, but so is {name}", name=name), "Remove one of them"
    elif isinstance(text, _Unreadable) or not text.strip():
        reason = text.reason if isinstance(text, _Unreadable) else phrase("is empty")
        message = phrase("is {path}, which {reason}", path=path.raw, reason=reason)
        hint = phrase("Put the value of {name} into that file, or unset {name}_FILE", name=name)
    else:
        origin = phrase("{origin}, file {path}", origin=path.origin, path=path.raw)
        layer.values[name] = Value(text.rstrip("\r\n"), origin, path.folder)
        return
    layer.problems.append(ConfigurationProblem(f"{name}_FILE", path.origin, message, hint))


def _is_blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


@dataclass(frozen=True, slots=True)
class _Unreadable:
    reason: str


def _read(path: Path) -> str | _Unreadable:
    try:
        if not path.is_file():
            return _Unreadable("is not a regular file" if path.exists() else "does not exist")
        if path.stat().st_size > MAX_FILE_BYTES:
            return _Unreadable(phrase("is larger than {most:,} bytes", most=MAX_FILE_BYTES))
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _Unreadable("is not UTF-8 text")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else phrase("is not a path")
        return _Unreadable(phrase("cannot be read ({reason})", reason=reason))
    return _Unreadable("contains a NUL character") if "\0" in text else text


def _flatten(document: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    """Yield each key prefixed by its table; deeper levels are left to the type check."""
    for key, raw in document.items():
        if isinstance(raw, dict):
            yield from ((f"{key}.{inner}", value) for inner, value in raw.items())
        else:
            yield key, raw


def _name_of(key: str) -> str | None:
    for path, ending in ((key, ""), (key.removesuffix("_file"), "_FILE")):
        if path in NAMES:
            return NAMES[path] + ending
    known = key if key in PATHS else key.removesuffix("_FILE")
    return key if known in PATHS else None


def _unknown_key(key: str, origin: str) -> ConfigurationProblem:
    if key.removesuffix("_FILE") == "SAGE_CONFIG":
        return ConfigurationProblem(
            key, origin, "cannot be set inside the file", "Set it in the environment"
        )
    if problem := removed_name(key, origin):
        return problem
    meant = key_like(key)
    hint = (
        phrase("Did you mean {meant}?", meant=meant)
        if meant
        else "docs/configuration.md lists all settings"
    )
    return ConfigurationProblem(key, origin, "is not a setting of Sage", hint, warning=True)

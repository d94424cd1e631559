"""The layers a value can come from. Each is read whole, with every problem it has."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sage.config.deprecated import FORMER_NAMES, renamed
from sage.config.dotenv import BadLine, parse_dotenv
from sage.config.suggest import meant_by, meant_by_key
from sage.config.variables import BY_NAME, BY_PATH
from sage.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

MAX_FILE_BYTES = 65_536
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
_SERVICE_LINK = "tcp://"  # what Kubernetes sets in every pod for a Service called sage

PROFILES: Mapping[str, Mapping[str, str]] = {
    "dev": {},
    "staging": {"SAGE_LOG_FORMAT": "json"},
    "prod": {"SAGE_LOG_FORMAT": "json", "SAGE_AUTH": "token"},
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was written, and where."""

    raw: object
    origin: str


@dataclass(slots=True)
class Layer:
    """What one source sets, and what is wrong with it."""

    values: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_profile(env: str) -> Layer:
    """Return what an environment (`SAGE_ENV`) sets by itself; unknown names set nothing."""
    profile = PROFILES.get(env.strip().lower(), {})
    return Layer({name: Value(raw, f"profile {env}") for name, raw in profile.items()})


def read_mapping(values: Mapping[str, object], origin: str, cwd: Path) -> Layer:
    """Read the process environment, or overrides by variable name. Empty text and None are unset.

    Paths in `NAME_FILE` are relative to `cwd`.
    """
    return _layer(((name, Value(raw, origin)) for name, raw in values.items()), cwd)


def read_dotenv(path: Path, cwd: Path) -> Layer:
    """Read a `.env` file, which need not exist."""
    text = _text_of(path)
    if isinstance(text, _Unreadable):
        if text.reason == _MISSING:
            return Layer()
        hint = "Make it a readable UTF-8 text file, or take it away"
        return Layer(problems=[Problem(path.name, str(path), text.reason, hint)])
    assigned: dict[str, Value] = {}
    problems: list[Problem] = []
    for item in parse_dotenv(text):
        origin = f"{path.name} line {item.line}"
        if isinstance(item, BadLine):
            hint = "Write NAME=value; begin comments with #"
            problems.append(Problem(path.name, origin, item.reason, hint))
            continue
        if item.name in assigned and str(assigned[item.name].raw).strip():
            message = f"is set before, in {assigned[item.name].origin}"
            hint = "Keep one of the two; the last one counts"
            problems.append(Problem(item.name, origin, message, hint, warning=True))
        assigned[item.name] = Value(item.value, origin)
    layer = _layer(assigned.items(), cwd)
    return Layer(layer.values, problems + layer.problems)


def read_toml(path: Path, cwd: Path) -> Layer:
    """Read a TOML file: variables by name, or in tables (`[server]`, then `port = 17801`)."""
    text = _text_of(path)
    hint = "Correct the file, or point SAGE_CONFIG at another"
    if isinstance(text, _Unreadable):
        return Layer(problems=[Problem("SAGE_CONFIG", str(path), text.reason, hint)])
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.search(r"\(at (line \d+), column \d+\)", str(error))
        origin = f"{path} {place[1]}" if place else str(path)
        return Layer(problems=[Problem("SAGE_CONFIG", origin, "is not TOML", hint)])
    found: dict[str, Value] = {}
    problems: list[Problem] = []
    for key, raw in _flat(document):
        origin = f"{path}: {key}"
        name = _name_of(key)
        if name in {None, "SAGE_CONFIG", "SAGE_CONFIG_FILE"}:
            problems.append(_unknown_key(key, origin))
        elif name in found:
            message = f"is set twice, also as {found[name].origin.rpartition(' ')[2]}"
            problems.append(Problem(name, origin, message, "Keep one of the two"))
        elif name is not None:
            found[name] = Value(raw, origin)
    layer = _layer(found.items(), cwd)
    return Layer(layer.values, problems + layer.problems)


_MISSING = "does not exist"


@dataclass(frozen=True, slots=True)
class _Unreadable:
    reason: str


def _layer(items: Iterable[tuple[str, Value]], cwd: Path) -> Layer:
    layer = Layer()
    files: dict[str, Value] = {}
    former: dict[str, Value] = {}
    for name, value in items:
        if value.raw is None or (isinstance(value.raw, str) and not value.raw.strip()):
            continue
        if isinstance(value.raw, str) and _UNSTORABLE.search(value.raw):
            message = "holds a NUL character, or bytes that are not UTF-8"
            hint = "Write it again as plain text"
            layer.problems.append(Problem(name, value.origin, message, hint))
        elif name in BY_NAME:
            layer.values[name] = value
        elif name.removesuffix("_FILE") in BY_NAME:
            files[name.removesuffix("_FILE")] = value
        elif name in FORMER_NAMES:
            former[name] = value
        elif not str(value.raw).startswith(_SERVICE_LINK) and (meant := meant_by(name)):
            message = "is not a variable of Sage"
            hint = f"Did you mean {meant}?"
            layer.problems.append(Problem(name, value.origin, message, hint, warning=True))
    _add_former(layer, former, {*layer.values, *files})
    _add_files(layer, files, cwd)
    return layer


def _add_former(layer: Layer, former: Mapping[str, Value], present: Collection[str]) -> None:
    for name, value in former.items():
        counts = FORMER_NAMES[name] not in present
        layer.problems.append(renamed(name, value.origin, counts=counts))
        if counts:
            layer.values[FORMER_NAMES[name]] = Value(value.raw, f"{value.origin}, as {name}")


def _add_files(layer: Layer, files: Mapping[str, Value], cwd: Path) -> None:
    for name, path in files.items():
        variable = BY_NAME[name]
        if name in layer.values:
            message = f"is set, and {name} as well"
            hint = "Keep one of the two"
            layer.problems.append(Problem(variable.file_name, path.origin, message, hint))
            continue
        text = _text_of(cwd / str(path.raw))
        if isinstance(text, _Unreadable) or not text.strip():
            reason = text.reason if isinstance(text, _Unreadable) else "is empty"
            message = f"names {path.raw}, which {reason}"
            hint = f"Put the value of {name} into that file, or unset {variable.file_name}"
            layer.problems.append(Problem(variable.file_name, path.origin, message, hint))
        else:
            layer.values[name] = Value(text.rstrip("\r\n"), f"{path.origin}, file {path.raw}")


def _text_of(path: Path) -> str | _Unreadable:
    try:
        if not path.is_file():
            return _Unreadable("is no file" if path.exists() else _MISSING)
        if path.stat().st_size > MAX_FILE_BYTES:
            return _Unreadable(f"is larger than {MAX_FILE_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _Unreadable("is not UTF-8 text")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no path"
        return _Unreadable(f"cannot be read ({reason})")
    return _Unreadable("holds a NUL character") if "\0" in text else text


def _flat(document: Mapping[str, object]) -> Iterable[tuple[str, object]]:
    """Yield each key with its table before it; what lies deeper is left to the type check."""
    for key, raw in document.items():
        if isinstance(raw, dict):
            yield from ((f"{key}.{inner}", value) for inner, value in raw.items())
        else:
            yield key, raw


def _name_of(key: str) -> str | None:
    for path, ending in ((key, ""), (key.removesuffix("_file"), "_FILE")):
        if path in BY_PATH:
            return BY_PATH[path].name + ending
    known = key if key in BY_NAME else key.removesuffix("_FILE")
    return key if known in BY_NAME else None


def _unknown_key(key: str, origin: str) -> Problem:
    if key.removesuffix("_FILE") == "SAGE_CONFIG":
        return Problem(key, origin, "cannot be set inside the file", "Set it in the environment")
    meant = meant_by_key(key)
    hint = f"Did you mean {meant}?" if meant else "docs/configuration.md lists what can be set"
    return Problem(key, origin, "is not a setting of Sage", hint, warning=True)

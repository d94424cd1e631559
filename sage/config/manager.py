"""The front door of the configuration: layers in, settings or every problem out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pydantic import SecretStr, ValidationError

from sage.config.checks import Draft, broken_rules
from sage.config.explain import explain, shown, variable_at
from sage.config.runtime import Container, detect_container
from sage.config.settings import DatabaseSettings, Settings
from sage.config.sources import (
    Layer,
    Value,
    read_dotenv,
    read_mapping,
    read_profile,
    read_toml,
)
from sage.config.variables import BY_NAME, VARIABLES
from sage.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class EffectiveValue(NamedTuple):
    """What a variable comes to, secrets masked, and the layer it comes from."""

    variable: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything read: the settings, None when an error keeps them from being used."""

    settings: Settings | None
    problems: tuple[Problem, ...]
    values: tuple[EffectiveValue, ...]


def read_configuration(
    *,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    listens: bool = True,
    container: Container | None = None,
) -> Configuration:
    """Read every layer and report all that is wrong, warnings too. Raises nothing.

    Lowest to highest: defaults, the profile of SAGE_ENV, the TOML file, `.env` in `cwd`,
    `environ`, `overrides` (by variable name; None is unset). `listens=False` leaves out the rules
    for commands that open a port.
    """
    here = cwd or Path.cwd()
    layers = [
        read_dotenv(here / ".env", here),
        read_mapping(environ, "environment", here),
        read_mapping(overrides or {}, "command line", here),
    ]
    home = _home_of(environ)
    upper = _merged(layers)
    data_dir = _data_dir(upper, environ, home, here)
    layers.insert(0, _toml_layer(upper.get("SAGE_CONFIG"), here, data_dir, home))
    env = _merged(layers).get("SAGE_ENV")
    layers.insert(0, read_profile(str(env.raw)) if env else Layer())
    values = _merged(layers)
    problems = [problem for layer in layers for problem in layer.problems]
    data_dir = _data_dir(values, environ, home, here)
    if data_dir is None:
        problems.append(_homeless())
    settings, refused = _validated(values, data_dir or here)
    problems += refused
    broken = frozenset(
        problem.variable.removesuffix("_FILE") for problem in problems if not problem.warning
    )
    draft = Draft(settings, values, container or detect_container(environ), listens)
    problems += broken_rules(draft, broken)
    usable = all(problem.warning for problem in problems)
    return Configuration(
        settings=_with_dsn(settings) if usable else None,
        problems=tuple(problems),
        values=tuple(_effective(values, data_dir)),
    )


def load_settings(
    *,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    listens: bool = True,
) -> Settings:
    """Read the settings as `read_configuration` does. Raises ConfigurationError with all of it."""
    read = read_configuration(environ=environ, cwd=cwd, overrides=overrides, listens=listens)
    if read.settings is None:
        raise ConfigurationError(read.problems)
    return read.settings


def effective_values(
    *,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
    overrides: Mapping[str, object] | None = None,
) -> list[EffectiveValue]:
    """List what every variable comes to and from where, secrets masked. Raises nothing."""
    return list(read_configuration(environ=environ, cwd=cwd, overrides=overrides).values)


def _merged(layers: Iterable[Layer]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for layer in layers:
        values |= layer.values
    return values


def _home_of(environ: Mapping[str, str]) -> Path | None:
    if home := environ.get("HOME"):
        return Path(home)
    try:
        return Path.home()
    except RuntimeError:
        return None


def _expanded(raw: object, home: Path | None, cwd: Path) -> Path:
    text = str(raw).strip()
    if home is not None and (text == "~" or text.startswith("~/")):
        return home / text[2:]
    return cwd / text


def _data_dir(
    values: Mapping[str, Value], environ: Mapping[str, str], home: Path | None, cwd: Path
) -> Path | None:
    if value := values.get("SAGE_DATA_DIR"):
        return _expanded(value.raw, home, cwd)
    shared = Path(environ.get("XDG_DATA_HOME", ""))
    if shared.is_absolute():
        return shared / "sage"
    return home / ".local/share/sage" if home else None


def _homeless() -> Problem:
    return Problem(
        "SAGE_DATA_DIR",
        "default",
        "is not set, and this user has no home folder",
        "Set SAGE_DATA_DIR to a folder Sage may write to",
    )


def _toml_layer(chosen: Value | None, cwd: Path, data_dir: Path | None, home: Path | None) -> Layer:
    if chosen:
        return read_toml(_expanded(chosen.raw, home, cwd), cwd)
    for folder in (cwd, data_dir):
        if folder is not None and (folder / "sage.toml").is_file():
            return read_toml(folder / "sage.toml", cwd)
    return Layer()


def _validated(values: Mapping[str, Value], data_dir: Path) -> tuple[Settings, list[Problem]]:
    """Build the settings; a refused value is reported and left at its default."""
    flags = {name for name, value in values.items() if isinstance(value.raw, bool)}
    problems = [
        Problem(name, values[name].origin, "is true or false", "Write a value of its kind")
        for name in sorted(flags)
    ]
    nested = _nested({name: value for name, value in values.items() if name not in flags})
    nested["data_dir"] = data_dir
    try:
        return Settings.model_validate(nested), problems
    except ValidationError as error:
        problems += explain(error, values)
        refused = {variable_at(detail["loc"]).name for detail in error.errors()}
    kept = {name: value for name, value in values.items() if name not in refused | flags}
    return Settings.model_validate(_nested(kept) | {"data_dir": data_dir}), problems


def _nested(values: Mapping[str, Value]) -> dict[str, object]:
    nested: dict[str, object] = {}
    groups: dict[str, dict[str, object]] = {}
    for name, value in values.items():
        group, _, field = BY_NAME[name].path.rpartition(".")
        if group:
            groups.setdefault(group, {})[field] = value.raw
        elif field:
            nested[field] = value.raw
    return nested | groups


def _with_dsn(settings: Settings) -> Settings:
    parts = settings.database
    if parts.dsn is not None or parts.host is None:
        return settings
    password = parts.password.get_secret_value() if parts.password else ""
    login = f"{quote(parts.user or '', safe='')}:{quote(password, safe='')}"
    name = quote(parts.name or "", safe="")
    if parts.host.startswith("/"):
        place = f"/{name}?host={quote(parts.host, safe='')}&port={parts.port}"
    else:
        host = f"[{parts.host}]" if ":" in parts.host else parts.host
        place = f"{host}:{parts.port}/{name}"
    dsn = SecretStr(f"postgresql://{login}@{place}")
    return settings.model_copy(update={"database": DatabaseSettings(dsn=dsn)})


def _effective(values: Mapping[str, Value], data_dir: Path | None) -> Iterable[EffectiveValue]:
    for variable in VARIABLES:
        if variable.name in values:
            value = values[variable.name]
            yield EffectiveValue(variable.name, shown(variable, value.raw), value.origin)
        else:
            default = data_dir if variable.name == "SAGE_DATA_DIR" else variable.default
            yield EffectiveValue(variable.name, shown(variable, default), "default")

"""The front door of the configuration: layers in, settings or every problem out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sage.config.assemble import build_settings, with_dsn
from sage.config.draft import Draft
from sage.config.explain import shown
from sage.config.paths import Places
from sage.config.preflight import check_reality
from sage.config.reference import render_env_example, render_reference
from sage.config.rules import broken_rules
from sage.config.runtime import Container, detect_container
from sage.config.sources import (
    Layer,
    Value,
    read_dotenv,
    read_mapping,
    read_profile,
    read_toml,
)
from sage.config.timezone import machine_timezone
from sage.config.values import printable
from sage.config.variables import VARIABLES
from sage.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sage.config.settings import Settings

__all__ = [
    "Configuration",
    "EffectiveValue",
    "check_reality",
    "effective_values",
    "load_settings",
    "read_configuration",
    "render_env_example",
    "render_reference",
]


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
    about who may connect, for commands that open no port. `container` None means: look.
    """
    places = Places.of(environ, cwd)
    layers, config_file = _layers(environ, overrides or {}, places)
    values = _merged(layers)
    problems = [problem for layer in layers for problem in layer.problems]
    data_dir = places.data_dir(values)
    if data_dir is None:
        problems.append(
            Problem(
                "SAGE_DATA_DIR",
                "default",
                "is not set, and this user has no home folder",
                "Set SAGE_DATA_DIR to a folder Sage may write to",
            )
        )
    settings, refused = build_settings(values, data_dir or places.cwd, machine_timezone(environ))
    problems += refused
    broken = frozenset(
        problem.variable.removesuffix("_FILE") for problem in problems if not problem.warning
    )
    draft = Draft(settings, values, container or detect_container(environ), listens)
    problems += broken_rules(draft, broken)
    found = {
        "SAGE_DATA_DIR": data_dir,
        "SAGE_TIMEZONE": settings.timezone,
        "SAGE_CONFIG": config_file,
    }
    usable = all(problem.warning for problem in problems)
    return Configuration(
        settings=with_dsn(settings) if usable else None,
        problems=tuple(map(_in_one_line, problems)),
        values=tuple(_effective(values, found)),
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


def _layers(
    environ: Mapping[str, str], overrides: Mapping[str, object], places: Places
) -> tuple[list[Layer], Path | None]:
    """Read the layers, lowest first. Which TOML file and profile count, the upper ones say."""
    layers = [
        read_dotenv(places.cwd / ".env", places.cwd),
        read_mapping(environ, "environment", places.cwd),
        read_mapping(overrides, "command line", places.cwd),
    ]
    file = places.config_file(_merged(layers))
    if file is not None:
        layers.insert(0, read_toml(file, places.cwd))
    if env := _merged(layers).get("SAGE_ENV"):
        layers.insert(0, read_profile(str(env.raw)))
    return layers, file


def _in_one_line(problem: Problem) -> Problem:
    """Escape names, paths and values that came from outside."""
    return Problem(
        printable(problem.variable),
        printable(problem.origin),
        printable(problem.message),
        printable(problem.hint),
        warning=problem.warning,
    )


def _merged(layers: Iterable[Layer]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for layer in layers:
        values |= layer.values
    return values


def _effective(
    values: Mapping[str, Value], found: Mapping[str, object]
) -> Iterable[EffectiveValue]:
    for variable in VARIABLES:
        if variable.name in values:
            value = values[variable.name]
            yield EffectiveValue(variable.name, shown(variable, value.raw), value.origin)
        else:
            default = found.get(variable.name, variable.default)
            yield EffectiveValue(variable.name, shown(variable, default), "default")

"""All layers of settings, merged: every value with its origin, without checking values.

Needs only the standard library, for commands that must be fast.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.config.names import PATHS
from sage.config.paths import Paths
from sage.config.sources import (
    Layer,
    read_dotenv,
    read_last_start,
    read_mapping,
    read_profile,
    read_toml,
)
from sage.config.value import COMMAND_LINE, ENVIRONMENT
from sage.errors import ConfigurationProblem

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sage.config.value import Value


def overrides_of(args: Namespace) -> dict[str, object]:
    """Return the variables that command-line options set: their dest is the variable."""
    return {
        name: value for name, value in vars(args).items() if name in PATHS and value is not None
    }


@dataclass(frozen=True, slots=True)
class Merged:
    """The values that are set, by variable, and the problems of their sources."""

    values: Mapping[str, Value]
    problems: tuple[ConfigurationProblem, ...]
    data_dir: Path | None
    config_file: Path | None

    def text(self, name: str, default: str) -> str:
        """Return the unchecked text of a variable, else `default`."""
        return str(self.values[name].raw).strip() if name in self.values else default


def read_layers(
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, object] | None = None,
    paths: Paths | None = None,
) -> Merged:
    """Read every layer. Raises nothing.

    Lowest to highest: the last start, the profile of SAGE_ENV, the TOML file, `.env`, `environ`,
    `overrides` (by variable name; None is unset). The files and the profile are chosen by the
    layers above them.
    """
    paths = paths or Paths.of(environ)
    layers = [
        read_mapping(environ, ENVIRONMENT, paths.cwd),
        read_mapping(overrides or {}, COMMAND_LINE, paths.cwd),
    ]
    if env_file := paths.env_file(_merge(layers)):
        layers.insert(0, read_dotenv(env_file))
    if config_file := paths.config_file(_merge(layers)):
        layers.insert(0, read_toml(config_file))
    if env := _merge(layers).get("SAGE_ENV"):
        layers.insert(0, read_profile(str(env.raw), paths.cwd))
    if address_file := paths.address_file(_merge(layers)):
        layers.insert(0, read_last_start(address_file))
    values = _merge(layers)
    problems = [problem for layer in layers for problem in layer.problems]
    problems += [_unread(file) for file in paths.unread_files(values)]
    return Merged(values, tuple(problems), paths.data_dir(values), config_file)


def _unread(file: Path) -> ConfigurationProblem:
    hint = "Start Sage as the owner of the data directory, or pass the file with --env-file"
    return ConfigurationProblem(
        file.name, str(file), "is ignored, since it belongs to another user", hint, warning=True
    )


def _merge(layers: Iterable[Layer]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for layer in layers:
        values |= layer.values
    return values

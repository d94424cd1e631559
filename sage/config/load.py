"""Read the configuration: settings, or all problems."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr, ValidationError

from sage.config.container import Container, detect_container
from sage.config.dsn import dsn_of
from sage.config.fingerprint import fingerprint
from sage.config.layers import read_layers
from sage.config.named_database import other_database
from sage.config.rules import broken_rules
from sage.config.rules.rule import Draft
from sage.config.settings import DatabaseSettings, Settings
from sage.config.timezone import machine_timezone
from sage.config.validation_messages import display_value, explain, variable_at
from sage.config.value import DEFAULT
from sage.config.values import printable
from sage.config.variables import BY_NAME, VARIABLES
from sage.errors import ConfigurationError, ConfigurationProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from sage.config.layers import Merged
    from sage.config.paths import Paths
    from sage.config.value import Value


class EffectiveValue(NamedTuple):
    """The effective value of a variable, secrets masked, with its layer and its group's title."""

    variable: str
    value: str
    origin: str
    group: str


class Difference(NamedTuple):
    """A variable with two different values, secrets masked."""

    first: EffectiveValue
    second: EffectiveValue


@dataclass(frozen=True, slots=True)
class Configuration:
    """The configuration as read; its settings are None if an error prevents their use."""

    settings: Settings | None
    problems: tuple[ConfigurationProblem, ...]
    values: tuple[EffectiveValue, ...]
    fingerprint: str
    _other_database: str
    _secrets: Mapping[str, str] = field(repr=False)

    def require_settings(self) -> Settings:
        """Return the settings. Raises ConfigurationError with every problem."""
        if self.settings is None:
            raise ConfigurationError(self.problems)
        return self.settings

    def differences(self, other: Configuration) -> list[Difference]:
        """Return the differences from another configuration, in the order of the variables.

        An explicit value is the same as an equal default. Secrets are compared by their actual
        values, though both are shown masked.
        """
        return [
            Difference(first, second)
            for first, second in zip(self.values, other.values, strict=True)
            if first.value != second.value
            or self._secrets.get(first.variable) != other._secrets.get(first.variable)
        ]

    def origin(self, variable: str) -> str:
        """Return the layer that sets a variable."""
        return next(value.origin for value in self.values if value.variable == variable)

    def other_database(self) -> str:
        """Describe the database and its origin, as `other_database` does; empty without one."""
        return self._other_database if self.settings is not None else ""


def read_configuration(
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, object] | None = None,
    listens: bool = True,
    paths: Paths | None = None,
    container: Container | None = None,
) -> Configuration:
    """Read every layer, see `read_layers`, and report all problems. Raises nothing.

    `listens=False` skips the rules about who may connect, for commands that open no port. `paths`
    and `container` default to those of this process.
    """
    merged = read_layers(environ=environ, overrides=overrides, paths=paths)
    problems = list(merged.problems)
    if merged.data_dir is None:
        problems.append(
            ConfigurationProblem(
                "SAGE_DATA_DIR",
                DEFAULT,
                "is not set, and this user has no home directory",
                "Set SAGE_DATA_DIR to a directory Sage may write to",
            )
        )
    timezone = machine_timezone(environ)
    settings, refused = _build_settings(merged.values, merged.data_dir or Path(), timezone)
    problems += refused
    invalid = frozenset(
        problem.variable.removesuffix("_FILE") for problem in problems if not problem.warning
    )
    draft = Draft(settings, merged.values, container or detect_container(environ), listens)
    problems += broken_rules(draft, invalid)
    usable = all(problem.warning for problem in problems)
    return Configuration(
        settings=with_dsn(settings) if usable else None,
        problems=tuple(map(_in_one_line, problems)),
        values=tuple(_effective(merged, timezone)),
        fingerprint=fingerprint(merged, timezone),
        _other_database=other_database(merged) if usable else "",
        _secrets={
            variable.name: str(merged.values[variable.name].raw)
            for variable in VARIABLES
            if variable.is_secret and variable.name in merged.values
        },
    )


def _in_one_line(problem: ConfigurationProblem) -> ConfigurationProblem:
    """Escape names, paths and values from outside."""
    return ConfigurationProblem(
        printable(problem.variable),
        printable(problem.origin),
        printable(problem.message),
        printable(problem.hint),
        warning=problem.warning,
    )


def _effective(merged: Merged, timezone: ZoneInfo) -> Iterator[EffectiveValue]:
    found = {"SAGE_DATA_DIR": merged.data_dir, "SAGE_CONFIG": merged.config_file}
    defaults = {"SAGE_TIMEZONE": timezone}
    for variable in VARIABLES:
        value = merged.values.get(variable.name)
        default = defaults.get(variable.name, variable.default)
        raw = default if value is None else value.raw
        yield EffectiveValue(
            variable.name,
            display_value(variable, found.get(variable.name, raw)),
            DEFAULT if value is None else value.origin,
            variable.group,
        )


def _build_settings(
    values: Mapping[str, Value], data_dir: Path, timezone: ZoneInfo
) -> tuple[Settings, list[ConfigurationProblem]]:
    """Check every value by itself. An invalid one is reported and left at its default.

    `data_dir` overrides the values, `timezone` is used if they set none.
    """
    flags = {
        name
        for name, value in values.items()
        if isinstance(value.raw, bool) and not BY_NAME[name].is_flag
    }
    problems = [
        ConfigurationProblem(name, values[name].origin, "is true or false", "Set a valid value")
        for name in sorted(flags)
    ]
    usable = {name: value for name, value in values.items() if name not in flags}
    try:
        return Settings.model_validate(_nested(usable, data_dir, timezone)), problems
    except ValidationError as error:
        problems += explain(error, values)
        refused = {variable_at(detail["loc"]).name for detail in error.errors()}
    usable = {name: value for name, value in usable.items() if name not in refused}
    return Settings.model_validate(_nested(usable, data_dir, timezone)), problems


def with_dsn(settings: Settings) -> Settings:
    """Build the database address from its quoted parts, if any are set."""
    parts = settings.database
    if parts.host is None or parts.name is None or parts.user is None or parts.password is None:
        return settings
    dsn = dsn_of(
        host=parts.host,
        port=parts.port,
        name=parts.name,
        user=parts.user,
        password=parts.password.get_secret_value(),
    )
    database = DatabaseSettings(dsn=SecretStr(dsn), read_dsn=parts.read_dsn)
    return settings.model_copy(update={"database": database})


def _nested(values: Mapping[str, Value], data_dir: Path, timezone: ZoneInfo) -> dict[str, object]:
    nested: dict[str, object] = {"timezone": timezone}
    groups: dict[str, dict[str, object]] = {}
    for name, value in values.items():
        variable = BY_NAME[name]
        group, _, field = variable.path.rpartition(".")
        plain = isinstance(value.raw, str) and not variable.is_secret
        raw = str(value.raw).strip() if plain else value.raw
        if group:
            groups.setdefault(group, {})[field] = raw
        elif field:
            nested[field] = raw
    if isinstance(nested.get("data_dir", data_dir), str | Path):
        nested["data_dir"] = data_dir
    return nested | groups

"""From merged values to settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError

from sage.config.dsn import dsn_of
from sage.config.settings import DatabaseSettings, Settings
from sage.config.validation_messages import explain, variable_at
from sage.config.variables import BY_NAME
from sage.errors import ConfigurationProblem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from sage.config.value import Value


def build_settings(
    values: Mapping[str, Value], data_dir: Path, timezone: ZoneInfo
) -> tuple[Settings, list[ConfigurationProblem]]:
    """Check every value by itself. One that is refused is reported and left at its default.

    `data_dir` counts whatever the values say, `timezone` where they say nothing.
    """
    flags = {
        name
        for name, value in values.items()
        if isinstance(value.raw, bool) and not BY_NAME[name].is_flag
    }
    problems = [
        ConfigurationProblem(
            name, values[name].origin, "is true or false", "Write a value of its kind"
        )
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
    """Join the parts of the database's address, quoted, where there are parts."""
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

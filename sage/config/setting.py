"""The declaration of settings, and the types of checked values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticUndefined

from sage.config.dsn import EMBEDDED, checked_dsn, is_meant_as_dsn
from sage.config.timezone import checked_timezone
from sage.config.values import (
    RefusedValueError,
    checked_absolute,
    checked_allowed_host,
    checked_bind,
    checked_client_host,
    checked_database_host,
    checked_header_text,
    checked_network,
    checked_origin,
    checked_published_address,
    checked_redirect,
    checked_subject,
    checked_url,
    split_list,
    split_list_or_none,
)
from sage.domain.schedule import Schedule, parse_schedule

T = TypeVar("T")
_REQUIRED: Any = PydanticUndefined


class SettingGroup(BaseModel):
    """A group of settings: a table of the TOML file, a section of the reference page.

    A subclass names its title for people: `class LogSettings(SettingGroup, title=phrase("Log"))`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def setting(
    variable: str,
    summary: str,
    *,
    default: T = _REQUIRED,
    example: str = "",
    **limits: Any,  # noqa: ANN401 - as pydantic has them
) -> T:
    """Declare a setting as a field of a group.

    `variable` sets it in the environment; its key in a TOML file is that of the field. `summary` is
    a text that people read, also in translation; `example` is a value. `limits` are arguments of
    `pydantic.Field`, such as `ge` and `le`.
    """
    declared: T = Field(default, title=variable, description=summary, examples=[example], **limits)
    return declared


def _check_secret(secret: SecretStr) -> SecretStr:
    checked_header_text(secret.get_secret_value())
    return secret


def _check_secret_dsn(dsn: SecretStr) -> SecretStr:
    checked_dsn(dsn.get_secret_value())
    return dsn


def _check_move_end(end: SecretStr) -> SecretStr:
    return end if end.get_secret_value() == EMBEDDED else _check_secret_dsn(end)


def _check_restore_target(target: SecretStr) -> SecretStr:
    return _check_secret_dsn(target) if is_meant_as_dsn(target.get_secret_value()) else target


def _check_schedule(text: object) -> Schedule:
    if isinstance(text, Schedule):
        return text
    try:
        return parse_schedule(str(text))
    except ValueError as error:
        raise RefusedValueError(
            str(error),
            "Write an interval such as 6h, 1d or 1w, or times such as 03:30 or 09:00,21:00",
        ) from error


BindHost: TypeAlias = Annotated[str, AfterValidator(checked_bind)]
DatabaseHost: TypeAlias = Annotated[str, AfterValidator(checked_database_host)]
WebAddress: TypeAlias = Annotated[str, AfterValidator(checked_url)]
Credential: TypeAlias = Annotated[SecretStr, AfterValidator(_check_secret)]
Dsn: TypeAlias = Annotated[SecretStr, AfterValidator(_check_secret_dsn)]
MoveEnd: TypeAlias = Annotated[SecretStr, AfterValidator(_check_move_end)]
RestoreTarget: TypeAlias = Annotated[SecretStr, AfterValidator(_check_restore_target)]
TimeZone: TypeAlias = Annotated[ZoneInfo, BeforeValidator(checked_timezone)]
BackupSchedule: TypeAlias = Annotated[Schedule, BeforeValidator(_check_schedule)]
AbsoluteFolder: TypeAlias = Annotated[Path, AfterValidator(checked_absolute)]
AllowedHosts: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_allowed_host)], ...], BeforeValidator(split_list)
]
PublishedAddresses: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_published_address)], ...],
    BeforeValidator(split_list),
]
ClientHosts: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_client_host)], ...],
    BeforeValidator(split_list_or_none),
]
RedirectUris: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_redirect)], ...], BeforeValidator(split_list)
]
Subjects: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_subject)], ...], BeforeValidator(split_list)
]
AllowedOrigins: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_origin)], ...], BeforeValidator(split_list)
]
TrustedProxies: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(checked_network)], ...], BeforeValidator(split_list)
]

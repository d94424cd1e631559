"""The time zone of the user: the one that is set, else the machine's."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from sage.config.values import RefusedValueError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")  # Debian's
_DATABASE = "zoneinfo/"
_LIKENESS = 0.9
_MAX_NAME_CHARS = 64


def checked_timezone(name: object) -> ZoneInfo:
    """Return the zone of a name in the IANA time zone database. Raises RefusedValueError."""
    if isinstance(name, ZoneInfo):
        return name
    zone = _zone(str(name))
    if zone is None:
        meant = _nearest(str(name))
        raise RefusedValueError(
            "is not a time zone",
            phrase(
                "Did you mean {timezone}? "
                "Write a name of the IANA database, such as Asia/Shanghai or UTC",
                timezone=meant,
            )
            if meant
            else "Write a name of the IANA database, such as Asia/Shanghai or UTC",
        )
    return zone


def machine_timezone(environ: Mapping[str, str] = os.environ) -> ZoneInfo:
    """Return the zone of this machine: that of `TZ`, else that of the system, else UTC."""
    names = (
        environ.get("TZ", "").removeprefix(":"),
        str(_LINK.resolve()).rpartition(_DATABASE)[2],
        _first_line(_NAME),
    )
    return next(filter(None, map(_zone, names)), ZoneInfo("UTC"))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return None


def _nearest(name: str) -> str | None:
    """Return the zone that is probably meant by a name or a city, None if none is similar."""
    names = {zone.casefold(): zone for zone in available_timezones()}
    cities = {zone.rpartition("/")[2]: zone for zone in names}
    wanted = name[:_MAX_NAME_CHARS].strip().casefold().replace(" ", "_")
    found = difflib.get_close_matches(wanted, {**cities, **names}, n=1, cutoff=_LIKENESS)
    return names[cities.get(found[0], found[0])] if found else None


def _first_line(file: Path) -> str:
    try:
        return file.read_text("utf-8").partition("\n")[0].strip()
    except (OSError, ValueError):
        return ""

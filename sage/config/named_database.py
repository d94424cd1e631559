"""The database that the layers name, described for people. Checks no value: they are valid here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.dsn import DEFAULT_PORT, describe_dsn, dsn_of
from sage.config.value import COMMAND_LINE
from sage.config.values import printable
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.config.layers import Merged

_PARTS = ("DB_HOST", "DB_NAME", "DB_USER", "DB_PASSWORD")


def other_database(merged: Merged) -> str:
    """Describe the database and its origin; empty for the one that needs no setting.

    That is the embedded one, in the default data directory or one named on the command line.
    """
    dsn = _dsn(merged)
    names = ("SAGE_DATA_DIR",) if dsn is None else ("DATABASE_URL", "DB_HOST")
    for name in names:
        value = merged.values.get(name)
        if value is not None and value.origin != COMMAND_LINE:
            origin = printable(value.origin)
            if dsn is not None:
                where = printable(describe_dsn(dsn))
                return phrase(
                    "{where}, named by {name} ({origin})", where=where, name=name, origin=origin
                )
            return phrase(
                "embedded database in {directory}, named by {name} ({origin})",
                directory=printable(str(merged.data_dir)),
                name=name,
                origin=origin,
            )
    return ""


def _dsn(merged: Merged) -> str | None:
    """Return the address of the database; None for the embedded one."""
    if "DATABASE_URL" in merged.values:
        return merged.text("DATABASE_URL", "")
    if not all(name in merged.values for name in _PARTS):
        return None
    host, name, user, password = (merged.text(part, "") for part in _PARTS)
    port = int(merged.text("DB_PORT", str(DEFAULT_PORT)))
    return dsn_of(host=host, port=port, name=name, user=user, password=password)

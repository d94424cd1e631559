"""Rules about the database: set only once, and writable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.dsn import READ_ONLY, READ_WRITE, STANDBY, wanted_server
from sage.config.rules.rule import rule
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.rules.rule import Draft
    from sage.errors import ConfigurationProblem

_PARTS = ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")
_NEEDED_PARTS = ("DB_HOST", "DB_NAME", "DB_USER", "DB_PASSWORD")


@rule("DATABASE_URL", *_PARTS)
def database_is_named_once(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse an address beside its parts, and incomplete parts."""
    parts = [name for name in _PARTS if name in draft.values]
    if not parts:
        return
    if "DATABASE_URL" in draft.values:
        origins = [
            phrase("{name} (from {origin})", name=name, origin=draft.values[name].origin)
            for name in parts
        ]
        yield draft.problem(
            "DATABASE_URL",
            phrase("is set, but so is {origins}", origins=origins),
            "Set one or the other, not both",
        )
        return
    for name in _NEEDED_PARTS:
        if name not in draft.values:
            yield draft.problem(
                name,
                phrase("is not set, but {other} is", other=parts[0]),
                phrase(
                    "Set it, too. If no password is required, use DATABASE_URL; to let "
                    "Sage run its own PostgreSQL, unset {names}",
                    names=list(parts),
                ),
            )


@rule("DATABASE_URL")
def database_takes_writes(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse an address that requests a read-only server."""
    dsn = draft.settings.database.dsn
    if dsn is not None and (wanted := wanted_server(dsn.get_secret_value())) in READ_ONLY:
        yield draft.problem(
            "DATABASE_URL",
            phrase(
                "requests a read-only server (target_session_attrs={wanted})",
                wanted=wanted,
            ),
            phrase("Set target_session_attrs={right}, or omit it", right=READ_WRITE),
        )


@rule("DATABASE_READ_URL", "DATABASE_URL", "DB_HOST")
def replica_is_one(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse a replica of the embedded database, and a replica that accepts writes."""
    dsn = draft.settings.database.read_dsn
    if dsn is None:
        return
    if not {"DATABASE_URL", "DB_HOST"} & draft.values.keys():
        yield draft.problem(
            "DATABASE_READ_URL",
            "is set, but the embedded PostgreSQL has no replica",
            "Set DATABASE_URL to the primary, or unset it",
        )
    wanted = wanted_server(dsn.get_secret_value())
    if wanted and wanted not in READ_ONLY:
        yield draft.problem(
            "DATABASE_READ_URL",
            phrase("does not request a replica (target_session_attrs={wanted})", wanted=wanted),
            phrase("Set target_session_attrs={right}, or omit it", right=STANDBY),
        )


RULES = (database_is_named_once, database_takes_writes, replica_is_one)

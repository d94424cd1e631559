"""The objects that DDL statements declare: those of the migrations, and those of a dump.

Both are parsed by their form, without a database: the migrations as this project writes them, a
dump as pg_dump does. None of the parsed statements is ever run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from sage.store.earlier import versions as earlier
from sage.store.migrate import known_migrations
from sage.store.moving import mark as moving
from sage.store.named_sql import query

_TABLE = re.compile(
    r"^CREATE TABLE (?:IF NOT EXISTS )?(?:sage\.)?(\w+) \(\n((?:(?!\)|CREATE TABLE ).*\n)*)\)",
    re.MULTILINE,
)
_COLUMN = re.compile(r'^    ("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*) +(.*)$', re.MULTILINE)
_ADDED_COLUMN = re.compile(
    r"^ALTER TABLE (?:IF EXISTS )?(?:sage\.)?(\w+)\s+ADD COLUMN (?:IF NOT EXISTS )?(\w+) ([^;]*)",
    re.MULTILINE,
)
_OTHERS = re.compile(
    r"(?:CREATE (?:OR REPLACE )?|DROP )(DOMAIN|FUNCTION|POLICY|TRIGGER|VIEW)"
    r" (?:IF EXISTS )?(?:sage\.)?(\w+)"
)
_GENERATED = re.compile(r"\bGENERATED ALWAYS AS \(")
_DEFAULT = re.compile(r"\bDEFAULT (\S+)")
_CAST = re.compile(r"(?:::.*)?,?$")


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is filled if a row has no value for it: by an expression, or by a default."""

    generated: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class DeclaredSchema:
    """Tables with their columns, and the names of other objects by kind."""

    tables: dict[str, dict[str, Column]] = field(default_factory=dict)
    others: dict[str, set[str]] = field(default_factory=dict)

    def names(self, kind: str) -> set[str]:
        """Return the names of all objects of a kind, such as `FUNCTION`."""
        return self.others.get(kind, set())


def read_tables(sql: str) -> dict[str, dict[str, Column]]:
    """Return the columns of each table that the statements create."""
    return {
        table: {_unquoted(name): _column(rest) for name, rest in _COLUMN.findall(body)}
        for table, body in _TABLE.findall(sql)
    }


@cache
def migrated_schema() -> DeclaredSchema:
    """Return everything that any version of the schema has from which a backup may be."""
    known = DeclaredSchema()
    for sql in (
        query("create_schema_migrations"),
        *(migration.sql for migration in known_migrations()),
        *earlier.CHANGES_BACK,  # add what was dropped since
        earlier.UPGRADE,  # drops by name what was there before
        *moving.OBJECTS,  # while its data is moved, and after that
    ):
        _follow(known, sql)
    return known


def _follow(known: DeclaredSchema, sql: str) -> None:
    known.tables.update(read_tables(sql))
    for table, column, rest in _ADDED_COLUMN.findall(sql):
        known.tables[table][column] = _column(rest)
    for kind, name in _OTHERS.findall(sql):
        known.others.setdefault(kind, set()).add(name)


def _column(rest: str) -> Column:
    default = _DEFAULT.search(rest)
    return Column(
        generated=bool(_GENERATED.search(rest)),
        default=_CAST.sub("", default[1]) if default else None,
    )


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name

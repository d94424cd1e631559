"""Find the objects in a dump that Sage's own migrations do not create.

None of them would be restored: a restore runs the migrations, and takes only rows from the dump.
They are reported, since somebody added them for a reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.errors import BackupError
from sage.operations.backup.declared_schema import migrated_schema, read_tables
from sage.operations.backup.pg_restore import output_of_pg_restore
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sage.operations.backup.archive import Archive
    from sage.operations.backup.declared_schema import Column
    from sage.operations.backup.tools import Tools

_ENTRY = re.compile(r"^\d+; \d+ \d+ ([A-Z][A-Z ]*[A-Z]) (\S+) (\S+)(?: (\S+))?.*$", re.MULTILINE)
_SEQUENCE = re.compile(r"(\w+)_seq\d*")


async def find_foreign_objects(archive: Archive, tools: Tools) -> tuple[list[str], list[str]]:
    """Return the tables with rows in a dump, and the names of objects that no migration creates.

    Raises BackupError if pg_restore cannot read the dump.
    """
    listing = await output_of_pg_restore(archive, tools, "--list")
    entries = _ENTRY.findall(listing)
    if len(entries) != sum(line[:1].isdigit() for line in listing.splitlines()):
        raise BackupError(
            phrase(
                "the table of contents of the dump in {path} cannot be parsed",
                path=archive.path,
            ),
            hint="restore another backup",
        )
    filled = [name for kind, schema, name, _ in entries if (kind, schema) == ("TABLE DATA", "sage")]
    foreign = [_described(*entry) for entry in entries if not _is_known(*entry)]
    definitions = await output_of_pg_restore(archive, tools, "--schema-only", "--schema=sage")
    foreign += _foreign_columns(definitions)
    return filled, list(dict.fromkeys(foreign))


def _is_known(kind: str, schema: str, name: str, second: str) -> bool:
    """Return whether an entry has a kind and a name that a migrated schema has.

    Indexes, comments and statistics may have any name: they are neither rows nor restored.
    """
    if kind in {"INDEX", "COMMENT", "STATISTICS"} or (kind, schema, name) == (
        "SCHEMA",
        "-",
        "sage",
    ):
        return True
    return schema == "sage" and kind in _NAMED and _NAMED[kind](name, second)


def _is_table(name: str, _: str) -> bool:
    return name in migrated_schema().tables


def _is_sequence(name: str, _: str) -> bool:
    """Return whether a sequence has the name that PostgreSQL gives one of an identity column."""
    owner = _SEQUENCE.fullmatch(name)
    return owner is not None and any(
        f"{table}_{column}" == owner[1]
        for table, columns in migrated_schema().tables.items()
        for column in columns
    )


def _of_table(kind: str) -> Callable[[str, str], bool]:
    return lambda table, name: _is_table(table, "") and name in migrated_schema().names(kind)


def _by_name(kind: str) -> Callable[[str, str], bool]:
    return lambda name, _: name.partition("(")[0] in migrated_schema().names(kind)


_NAMED: dict[str, Callable[[str, str], bool]] = {
    **dict.fromkeys(
        ("TABLE", "TABLE DATA", "ROW SECURITY", "CONSTRAINT", "FK CONSTRAINT"), _is_table
    ),
    **dict.fromkeys(("SEQUENCE", "SEQUENCE SET"), _is_sequence),
    **{kind: _of_table(kind) for kind in ("TRIGGER", "POLICY")},
    **{kind: _by_name(kind) for kind in ("DOMAIN", "FUNCTION", "VIEW")},
}


def _described(kind: str, schema: str, name: str, second: str) -> str:
    of_a_table = kind in {"TRIGGER", "POLICY", "RULE", "DEFAULT"} or kind.endswith("CONSTRAINT")
    what = kind.removesuffix(" DATA").removesuffix(" SET").lower()
    named = phrase(
        "{kind} {name} of {table}" if of_a_table else "{kind} {name}",
        kind=what,
        name=second if of_a_table else name.partition("(")[0],
        table=name,
    )
    if schema in {"sage", "-"}:
        return named
    return phrase("{object} in the schema {schema}", object=named, schema=schema)


def _foreign_columns(definitions: str) -> Iterator[str]:
    known = migrated_schema().tables
    for table, columns in read_tables(definitions).items():
        for name, column in columns.items():
            if table in known:
                yield from _differences(table, name, column, known[table].get(name))


def _differences(table: str, name: str, found: Column, known: Column | None) -> Iterator[str]:
    if known is None or (found.generated and not known.generated):
        yield phrase(
            "generated column {name} of {table}" if found.generated else "column {name} of {table}",
            name=name,
            table=table,
        )
    elif found.default not in {None, known.default}:
        yield phrase("default of {name} of {table}", name=name, table=table)

"""Report backups and restores, to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.domain.text.wording import counted, size_text
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sage.cli.terminal.console import Console
    from sage.errors import BackupError
    from sage.operations.backup.making import Backup
    from sage.operations.backup.manifest import Manifest
    from sage.operations.backup.restoring import Restored
    from sage.operations.backup.upgrading import Upgraded


def memories_text(manifest: Manifest) -> str:
    """Return how many memories a backup contains, as text."""
    return counted(manifest.contents.rows_of("memories"), "memory", "memories")


def write_backup(console: Console, made: Backup, deleted: Sequence[Path], *, as_json: bool) -> None:
    """Write the path and contents of a backup, and which older ones were deleted."""
    if as_json:
        console.write_json(
            {
                "file": str(made.path),
                "size_bytes": made.size_bytes,
                **_described(made.manifest),
                "deleted": [str(path) for path in deleted],
            }
        )
        return
    what, size = memories_text(made.manifest), size_text(made.size_bytes)
    done = phrase(
        "{done} {memories} to {path} ({size})",
        done=phrase("backed up"),
        memories=what,
        path=made.path,
        size=size,
    )
    console.write(*styled(done, done=Style.GOOD))
    for path in deleted:
        console.write(phrase("deleted {name}", name=path.name))


def write_manifest(
    console: Console, manifest: Manifest, *, unread: BackupError | None, as_json: bool
) -> None:
    """Write the contents of a checked backup; `unread` is why its dump was not read."""
    if as_json:
        console.write_json({**_described(manifest), "only_rows_of_sage": unread is None or None})
        return
    made = f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC"
    verdict = phrase(
        "{valid}: {memories}, backed up {made}",
        valid=phrase("valid"),
        memories=memories_text(manifest),
        made=made,
    )
    console.write(*styled(verdict, valid=Style.GOOD))
    if access := _access_text(manifest):
        console.write(phrase("restoring it also gives access to {access}", access=access))
    if unread is None:
        console.write(phrase("all tables and columns in it are Sage's own"))
    else:
        console.write(phrase("its tables were not checked: {message}", message=unread.message))


def write_caution(console: Console, manifest: Manifest) -> None:
    """Write what a backup from somebody else could do when it is restored."""
    access = _access_text(manifest)
    console.note(
        phrase(
            (
                "Restore this file only if you trust its origin: its memories are accepted "
                "as they are. It also gives access to {access}."
            )
            if access
            else (
                "Restore this file only if you trust its origin: its memories are "
                "accepted as they are."
            ),
            access=access,
        )
    )


def _access_text(manifest: Manifest) -> str:
    """Return whom the contents of a backup give access, as text; empty for nobody."""
    of = manifest.contents.rows_of
    counts = {
        "users": counted(of("users"), "user", "users"),
        "tokens": counted(of("tokens"), "token", "tokens"),
        "oauth_grants": counted(of("oauth_grants"), "connected app", "connected apps"),
    }
    return joined(", ", (count for table, count in counts.items() if of(table)))


def write_restored(console: Console, done: Restored, *, as_json: bool) -> None:
    """Write what was restored and compared, and the migrations applied after it."""
    contents = done.manifest.contents
    if as_json:
        console.write_json(
            {
                "database": done.database,
                **_described(done.manifest),
                "searches_compared": done.searches,
                "migrated": [one.version for one in done.migrated],
            }
        )
        return
    what = memories_text(done.manifest)
    restored = phrase(
        "{restored} {memories} into the database {database}",
        restored=phrase("restored"),
        memories=what,
        database=done.database,
    )
    console.write(*styled(restored, restored=Style.GOOD))
    rows = counted(contents.rows, "row", "rows")
    tables = counted(len(contents.tables), "table", "tables")
    console.write(
        phrase(
            "equal to the backup: {rows} in {tables} and the results of {searches}"
            if done.searches
            else "equal to the backup: {rows} in {tables}",
            rows=rows,
            tables=tables,
            searches=counted(done.searches, "search", "searches"),
        )
    )
    if done.migrated:
        count = counted(len(done.migrated), "migration", "migrations")
        console.write(
            phrase("applied {count}: the backup was made by an earlier release", count=count)
        )
    if access := _access_text(done.manifest):
        console.write(
            phrase(
                "the backup gives access to {access}: if someone else made it, see "
                "`sage token list`",
                access=access,
            )
        )


def write_upgraded(console: Console, done: Upgraded | None, *, as_json: bool) -> None:
    """Write the versions of an upgrade, and what remains of the old database."""
    if done is None:
        if as_json:
            console.write_json({"ended": True})
        else:
            ended = phrase(
                "{upgraded}: finished an interrupted upgrade", upgraded=phrase("upgraded")
            )
            console.write(*styled(ended, upgraded=Style.GOOD))
        return
    if as_json:
        console.write_json(
            {
                "before": done.before,
                "after": done.after,
                "old_files": str(done.old_files),
                "backup": str(done.backup),
                "searches_compared": done.restored.searches,
            }
        )
        return
    moved = phrase(
        "{upgraded} from PostgreSQL {before} to {after}",
        upgraded=phrase("upgraded"),
        before=str(done.before),
        after=str(done.after),
    )
    console.write(*styled(moved, upgraded=Style.GOOD))
    console.write(
        phrase(
            "the old files are in {old_files}, a backup is {backup}",
            old_files=done.old_files,
            backup=done.backup,
        )
    )


def _described(manifest: Manifest) -> dict[str, object]:
    return {
        "created_at": manifest.created_at.isoformat(),
        "sage": manifest.sage,
        "schema_version": manifest.origin.schema_version,
        "postgres": manifest.origin.postgres,
        "pgvector": manifest.origin.pgvector,
        "memories": manifest.contents.rows_of("memories"),
        "users": manifest.contents.rows_of("users"),
        "tokens": manifest.contents.rows_of("tokens"),
        "connected_apps": manifest.contents.rows_of("oauth_grants"),
        "tables": {table.name: table.rows for table in manifest.contents.tables},
    }

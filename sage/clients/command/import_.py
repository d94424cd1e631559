"""`sage-client.pyz import`: import data of other programs on this machine into a remote Sage."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sage.clients.command.import_client import Importer, ImportOutcome, local_sources, short_id
from sage.clients.command.installed_copy import called_anywhere
from sage.clients.command.output import PlainProgress, answer_to, can_ask, note, say
from sage.clients.command.paths import data_dir, token_file
from sage.clients.command.server import (
    address_of,
    keep_token,
    known_token,
    recorded_address,
    require_token,
)
from sage.clients.hooks.launcher import record_server
from sage.clients.hooks.settings import use as use_settings_of_hooks
from sage.clients.importing.memory_file import (
    may_be_lines,
    opened_memories,
    refuse_options_of_others,
)
from sage.clients.importing.notes_consent import Prompter, ask_for_notes
from sage.clients.importing.selection import Selection, included, local_timezone, since_of
from sage.clients.importing.sources import require_date_format, sources_at
from sage.clients.importing.texts import found_text, import_problems, left_out, outcome, passed_over
from sage.clients.reading.tables import checked_date_format
from sage.domain.text.wording import counted
from sage.errors import InvalidInputError, StartupError
from sage.phrases import as_phrase, phrase
from sage.phrases.language import said, said_phrase

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from sage.clients.importing.memory_file import MemoryFile
    from sage.clients.importing.source import Source

_LAST = "last"
_MAX_LISTED = 5


def declare(parser: ArgumentParser) -> None:
    """Declare the arguments: what to import, and where to."""
    parser.description = phrase(
        "Imports data of other programs on this machine into the connected Sage: "
        "transcripts of AI clients, chat exports, memories and notes, recognized by "
        "their content. Messages already captured by hooks are not imported again. "
        "Repeat the command to continue an interrupted import."
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="file, zip archive or directory to import (- for JSON Lines on standard input)",
    )
    parser.add_argument(
        "--list",
        action="store_true",
        help="list what can be imported on this machine, without importing",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="count what is new, without importing"
    )
    parser.add_argument(
        "--since", metavar="TIME", help="only messages since TIME, such as 2026-05-08, or 30 days"
    )
    parser.add_argument(
        "--include",
        metavar="WHAT",
        help="also import what is skipped by default, such as notes; separated by commas",
    )
    parser.add_argument(
        "--date-format",
        metavar="FORMAT",
        help="format of dates in CSV files, such as %%d/%%m/%%Y (default: year first)",
    )
    parser.add_argument(
        "--space", metavar="NAME", help="space to import into (default: the token's first)"
    )
    parser.add_argument(
        "--session", metavar="ID", help="session for lines without one, in a file of `sage export`"
    )
    parser.add_argument(
        "--undo", metavar="IMPORT", help="delete what an import added: its id, or `last`"
    )
    parser.add_argument("--url", help="address of Sage, if none is connected")
    parser.add_argument("--token-file", metavar="FILE", help="file with the token")
    parser.add_argument("--ca", metavar="FILE", help="CA certificates to trust (PEM)")
    parser.set_defaults(act=import_memories)


def import_memories(args: Namespace) -> int:
    """List sources, import files and directories, or undo an import; return the exit code."""
    use_settings_of_hooks(str(data_dir()))
    selection = Selection(
        since_of(args.since),
        included(args.include),
        local_timezone(),
        date_format=checked_date_format(args.date_format),
    )
    if args.list:
        return _list(selection)
    if args.undo is not None:
        with connected(args) as importer:
            return _undo(importer, args.undo)
    if found := _found(args.paths, selection, dry_run=args.dry_run):
        with connected(args) as importer:
            return 0 if import_sources(importer, found, dry_run=args.dry_run) else 1
    path = str(args.paths[0])
    refuse_options_of_others(path, vars(args))
    with opened_memories(path, args.space, args.session) as file, connected(args) as importer:
        _import_lines(importer, file)
    return 0


@contextmanager
def connected(args: Namespace) -> Iterator[Importer]:
    """Yield an import into the connected Sage, or the one that is given.

    Raises InvalidInputError, StartupError.
    """
    token = known_token(args.token_file, token_file())
    if args.url is None and args.token_file is None and (address := recorded_address(data_dir())):
        yield Importer(data_dir(), str(address["url"]), space=args.space, token=token, note=note)
        return
    address = recorded_address(data_dir())
    url = args.url or str(address.get("url", ""))
    if not url:
        raise StartupError(
            "no Sage is connected",
            hint="pass its address and a file with a token, as in `--url "
            "https://memory.example.org --token-file FILE`; or connect a client "
            "first",
        )
    ca = args.ca or (str(address.get("ca", "")) if args.url is None else "") or None
    with TemporaryDirectory(prefix="sage-client-") as folder:
        kept = Path(folder) / "token"
        keep_token(require_token(token), kept)
        record_server(Path(folder), {**address_of(url, ca, kept)})
        yield Importer(Path(folder), url, space=args.space, token=token, note=note)


def import_sources(importer: Importer, sources: Sequence[Source], *, dry_run: bool = False) -> bool:
    """Import sources with progress, and report the outcome.

    Return False if a file was not read completely. Raises StartupError.
    """
    added = 0
    for one in sources:
        done = _sent(importer, one, dry_run=dry_run)
        added += done.added
        _report(one, done, dry_run=dry_run)
    if added and not dry_run:
        _report_undo(importer)
    return not any(one.counts.problems for one in sources)


def _report_undo(importer: Importer) -> None:
    say(
        phrase(
            "to undo: `{command} import --undo {import_id}`",
            command=called_anywhere(),
            import_id=short_id(importer.import_id),
        )
    )


def _sent(importer: Importer, one: Source, *, dry_run: bool) -> ImportOutcome:
    with PlainProgress(one.name, one.size_bytes) as progress:
        try:
            return importer.send(
                one.memories(), lambda _: progress.reach(one.position), dry_run=dry_run
            )
        except KeyboardInterrupt:
            if not dry_run:
                note(phrase("interrupted: imported memories are kept; run it again to continue"))
            raise


def _import_lines(importer: Importer, file: MemoryFile) -> None:
    """Check all lines of a file of Sage, then send its memories. Raises InvalidInputError."""
    with PlainProgress("checking", file.size_bytes) as progress:
        total = file.count(note, lambda number: progress.reach(progress.done + number))
    with PlainProgress("importing", total) as progress:
        done = importer.send(file.memories(), lambda number: progress.reach(progress.done + number))
    say(phrase("imported {memories}", memories=counted(done.added, "memory", "memories")))
    if done.there:
        say(counted(done.there, "memory already exists", "memories already exist"))
    if done.added:
        _report_undo(importer)


def _report(one: Source, done: ImportOutcome, *, dry_run: bool) -> None:
    line = outcome(one.counts, done.added, done.there, counted_only=dry_run)
    say(f"{one.name}: {said(line)}")
    if text := left_out(one.counts):
        say(f"  {said(text)}")
    for problem, _ in import_problems(one.counts):
        note(f"  {said_phrase(problem)}")


def _list(selection: Selection) -> int:
    held = local_sources(selection)
    width = max((len(one.source.name) for one in held), default=0) + 2
    for one in held:
        say(f"{one.source.name:<{width}}{said(found_text(one.source))}")
        for problem, _ in import_problems(one.source.counts):
            note(f"  {said_phrase(problem)}")
    if not held:
        say(phrase("no memories or transcripts of other programs were found"))
    return 0


def _found(paths: Sequence[str], selection: Selection, *, dry_run: bool) -> list[Source]:
    """Find the sources to import, and report what is skipped.

    A single file of Sage, or standard input, has no sources. Raises InvalidInputError.
    """
    if [*paths] == ["-"]:
        return []
    if not paths or "-" in paths:
        raise InvalidInputError(
            "PATH", "{field} is missing", hint="pass a file or a directory, or --list"
        )
    try:
        there = sources_at(map(Path, paths), selection)
    except OSError as error:
        raise InvalidInputError(
            str(error.filename),
            phrase("{field} cannot be read: {reason}", reason=error.strerror),
            hint="check the path",
        ) from error
    if there.refused and not there.sources:
        raise there.refused[0]
    if not there.sources:
        if len(paths) == 1 and may_be_lines(Path(paths[0])):
            return []
        raise InvalidInputError(
            ", ".join(paths),
            "{field}: nothing that Sage can import was found there",
            hint="`import --list` lists what can be imported on this machine; pass "
            "files of `sage export` one by one",
        )
    if selection.date_format:
        require_date_format(there.sources, selection.date_format)
    for text in passed_over(there):
        note(text)
    return ask_for_notes(there.sources, selection, Prompter(note, _agrees), dry_run=dry_run)


def _undo(importer: Importer, wanted: str) -> int:
    """Undo the last import, or the one whose id ends with `wanted`. Raises InvalidInputError."""
    listed = importer.listed()
    ending = wanted.replace("-", "").lower()
    matching = [
        one
        for one in listed[: 1 if wanted == _LAST else None]
        if wanted == _LAST or str(one["import_id"]).replace("-", "").endswith(ending)
    ]
    if len(matching) != 1 or not ending:
        latest = "; ".join(map(_listed_text, listed[:_MAX_LISTED]))
        raise InvalidInputError(
            "--undo",
            phrase("{field}: you have no import {text}", text=repr(wanted)[:60]),
            hint=phrase("one of {latest}", latest=latest)
            if listed
            else "there is no import to undo",
        )
    (one,) = matching
    with PlainProgress("undoing", one["memories"]) as progress:
        undone = importer.undo(
            str(one["import_id"]), lambda number: progress.reach(progress.done + number)
        )
    say(
        phrase(
            "undone: deleted {memories} of import {import_id}",
            memories=counted(undone, "memory", "memories"),
            import_id=short_id(str(one["import_id"])),
        )
    )
    return 0


def _listed_text(one: dict[str, Any]) -> str:
    began = datetime.fromisoformat(one["began_at"]).astimezone(UTC)
    sources = ", ".join(one["sources"]) or "sage"
    return f"{short_id(one['import_id'])} ({began:%Y-%m-%d %H:%M}, {sources}, {one['memories']:,})"


def _agrees(question: str) -> bool:
    if not can_ask():
        return False
    answer = answer_to(phrase("{question}? [y/N] ", question=as_phrase(question)))
    return answer.strip().lower() in {"y", "yes"}

"""`sage reembed`."""

from __future__ import annotations

import asyncio
import shlex
import sys
from argparse import Namespace
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sage.bootstrap import open_configured_database
from sage.cli.failures import FAILED, OK
from sage.cli.running import (
    configuration_of,
    run_until_ended,
    settings_of,
)
from sage.errors import ConfigurationError, InvalidInputError, SageError
from sage.providers.registry import configured_model, open_embedder
from sage.service.reembedding import PROBE, Reembedding
from sage.store.active_model import (
    find_serving_model,
    read_active_model,
    settle_active_model,
)
from sage.store.migrate import migrate
from sage.store.reembedding import drop_old_vectors, reembedding_turn
from sage.terminal.bar import Progress
from sage.terminal.output import Style, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.errors import Problem
    from sage.service.reembedding import Moved
    from sage.store.pool import Database
    from sage.store.reembedding import DroppedModel
    from sage.terminal.output import Console

_NOTICED_AFTER_S = 15.0
"""By then every running Sage has noticed a switch and loaded the model."""

_OPTIONS = {
    "EMBEDDING_PROVIDER": ("--provider", "embedding_provider"),
    "EMBEDDING_MODEL": ("--model", "embedding_model"),
    "EMBEDDING_DIMENSIONS": ("--dimensions", "embedding_dimensions"),
}


class Shown:
    """Shows a move: a bar while memories are embedded, then a line a step."""

    def __init__(self, console: Console, model: EmbeddingModel) -> None:
        self._console = console
        self._label = f"embedding with {model.name}"
        self._bar = ExitStack()
        self._progress: Progress | None = None

    def begin(self, left: int) -> None:
        """Show the bar."""
        self._console.note(f"{self._label}: {counted(left, 'memory', 'memories')} to go")
        self._progress = self._bar.enter_context(Progress(self._console, self._label, left))

    def advance(self, done: int) -> None:
        """Move the bar."""
        if self._progress is not None:
            self._progress.advance(done)

    def wait(self, reason: str) -> None:
        """Show why it stands still."""
        if self._progress is not None:
            self._progress.wait(f"waiting: {reason}")

    def step(self, text: str) -> None:
        """Take the bar away and say what comes next."""
        self.end()
        self._console.note(text)

    def end(self) -> None:
        """Take the bar away."""
        self._bar.close()
        self._progress = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run led to; `moved` is None where the model served already."""

    before: EmbeddingModel
    after: EmbeddingModel
    moved: Moved | None
    dropped: Sequence[DroppedModel]


def reembed(args: Namespace, console: Console) -> int:
    """Move to the configured model, or the one named, while Sage goes on answering."""
    try:
        settings = settings_of(args)
        target = open_embedder(settings)
    except ConfigurationError as error:
        raise ConfigurationError([_as_given(args, one) for one in error.problems]) from error
    _refuse_other(args, target.model)
    if not (args.yes or _agreed(args, target.model, console)):
        console.note("nothing was changed")
        return FAILED
    outcome = run_until_ended(_reembed(args, settings, target, console))
    if args.json:
        console.write_json(_as_json(outcome))
    else:
        _tell(outcome, console)
        _tell_what_to_configure(args, outcome.after, console)
        _tell_what_is_kept(args, outcome, console)
    return OK


async def _reembed(
    args: Namespace, settings: Settings, target: Embedder, console: Console
) -> Outcome:
    moved, dropped = None, []
    try:
        async with open_configured_database(settings) as database, reembedding_turn(database):
            await migrate(database)
            before = await _serving(database, target)
            if before != target.model:
                _refuse_move_unasked(args, before, target.model)
                moved = await _move(database, target, console)
            if args.drop_old:
                dropped = await _drop_old(database, console)
    except asyncio.CancelledError:
        console.note("stopped: what is embedded is kept; run `sage reembed` again to go on")
        raise
    finally:
        await target.close()
    return Outcome(before, target.model, moved, dropped)


async def _serving(database: Database, target: Embedder) -> EmbeddingModel:
    """Report which model serves; in a new database the target does, once it has answered."""
    async with database.connection() as conn:
        served = await find_serving_model(conn)
    if served is None:
        await target.start()
        await target.embed_query(PROBE)
        served = await settle_active_model(database, target.model)
    return served.model


async def _move(database: Database, target: Embedder, console: Console) -> Moved:
    shown = Shown(console, target.model)
    try:
        await target.start()
        return await Reembedding(database, target, shown).move()
    finally:
        shown.end()


async def _drop_old(database: Database, console: Console) -> list[DroppedModel]:
    async with database.connection() as conn:
        served = await read_active_model(conn)
    if served.age_s < _NOTICED_AFTER_S:  # also below 0, where the database's clock was set back
        console.note("waiting until every running Sage has noticed")
        await asyncio.sleep(min(_NOTICED_AFTER_S - served.age_s, _NOTICED_AFTER_S))
    return await drop_old_vectors(database)


def _refuse_other(args: Namespace, model: EmbeddingModel) -> None:
    """Refuse a model that the provider does not have: the local one has but its own."""
    for option, asked, given in (
        ("--model", args.embedding_model, model.name),
        ("--dimensions", args.embedding_dimensions, str(model.dimensions)),
    ):
        if asked not in {None, given}:
            raise InvalidInputError(
                option,
                f"the provider {model.provider} has {given}, not {asked}",
                hint="name another one with --provider",
            )


def _refuse_move_unasked(args: Namespace, serving: EmbeddingModel, wanted: EmbeddingModel) -> None:
    """Refuse `--drop-old` where it would move: who has not named the model may not mean that.

    The vectors deleted would be those of the model that answers.
    """
    if not args.drop_old or _named(args):
        return
    stay, move = (
        shlex.join(
            ("sage", "reembed", "--provider", one.provider, "--model", one.name)
            + (("--dimensions", str(one.dimensions)) if one.provider != "local" else ())
            + ("--drop-old",)
        )
        for one in (serving, wanted)
    )
    raise SageError(
        f"{serving.name} ({serving.provider}, {serving.dimensions}) answers, but {wanted.name} "
        f"({wanted.provider}, {wanted.dimensions}) is configured: which vectors are the old ones?",
        detail="nothing was changed",
        hint=f"to keep {serving.name}, configure it, or run `{stay}`; "
        f"to move to {wanted.name} and delete the others, `{move}`",
    )


def _named(args: Namespace) -> list[str]:
    """Return the options that name a model, as they were given."""
    return [
        word
        for option, field in _OPTIONS.values()
        if (value := getattr(args, field)) is not None
        for word in (option, value)
    ]


def _as_given(args: Namespace, problem: Problem) -> Problem:
    """Name the option that was given, or is missing where a model is named by others."""
    option, field = _OPTIONS.get(problem.variable, ("", ""))
    missing = problem.message.startswith("is not set")
    if not option or (getattr(args, field) is None and not (missing and _named(args))):
        return problem
    return replace(problem, variable=option, origin="command line")


def _agreed(args: Namespace, model: EmbeddingModel, console: Console) -> bool:
    """Ask on a terminal; scripts are not asked."""
    if not (sys.stdin and sys.stdin.isatty() and console.err.isatty()):
        return True
    sent = "" if model.provider == "local" else f", which sends their texts to {model.provider}"
    if args.drop_old and not _named(args):
        asked = f"delete the vectors of every model but {model.name}"
    else:
        drop = ", then delete all other vectors" if args.drop_old else ""
        asked = f"embed all memories with {model.name}{sent}{drop}"
    console.note_text(f"{asked}? [y/N] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "model": asdict(outcome.after),
        "switched": outcome.moved is not None,
        **({} if outcome.moved is None else asdict(outcome.moved)),
        "dropped": [asdict(one) for one in outcome.dropped],
    }


def _tell(outcome: Outcome, console: Console) -> None:
    name = f"{outcome.after.name} ({outcome.after.provider})"
    if outcome.moved is None:
        console.write(f"{name} answers already: nothing to embed")
    else:
        embedded = counted(outcome.moved.embedded, "memory", "memories")
        console.write(f"{console.paint('done', Style.GOOD)}: embedded {embedded}")
        console.write(f"{name} answers now; a running Sage takes it up within seconds")
        if outcome.moved.refused:
            refused = counted(outcome.moved.refused, "memory is", "memories are")
            console.write(f"{refused} found by words alone: the model refused the text")
        if outcome.moved.queued:
            queued = counted(outcome.moved.queued, "memory follows", "memories follow")
            console.write(f"{queued} when Sage runs: saved just now")
    for one in outcome.dropped:
        vectors = counted(one.vectors, "vector", "vectors")
        console.write(f"deleted {vectors} of {one.model.name} ({one.model.provider})")


def _tell_what_to_configure(args: Namespace, model: EmbeddingModel, console: Console) -> None:
    """Report what to set where the model was named on the command line alone."""
    unnamed = dict.fromkeys(("embedding_provider", "embedding_model", "embedding_dimensions"))
    configured = configuration_of(Namespace(**(vars(args) | unnamed)), listens=False).settings
    if configured is None or configured_model(configured) != model:
        console.write(
            f"configure it for the next start: EMBEDDING_PROVIDER={model.provider} "
            f"EMBEDDING_MODEL={model.name} EMBEDDING_DIMENSIONS={model.dimensions}"
        )


def _tell_what_is_kept(args: Namespace, outcome: Outcome, console: Console) -> None:
    """Describe how to delete the vectors of the earlier model."""
    if outcome.moved is not None and not outcome.dropped:
        place = [] if args.data_dir is None else ["--data-dir", args.data_dir]
        command = shlex.join(["sage", "reembed", *place, *_named(args), "--drop-old"])
        console.write(f"the vectors of {outcome.before.name} are kept; `{command}` deletes them")

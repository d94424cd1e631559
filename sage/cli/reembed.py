"""`sage reembed`."""

from __future__ import annotations

import shlex
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configuration_of, settings_of
from sage.cli.options import JSON, YES
from sage.cli.verb import argument, verb
from sage.config.value import COMMAND_LINE
from sage.errors import ConfigurationError, InvalidInputError, SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.reembed_report import ReembeddingOutcome
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.errors import ConfigurationProblem


_OPTIONS = {
    "EMBEDDING_PROVIDER": "--provider",
    "EMBEDDING_MODEL": "--model",
    "EMBEDDING_DIMENSIONS": "--dimensions",
}


_MODEL = (
    argument(
        "--model",
        dest="EMBEDDING_MODEL",
        metavar="NAME",
        help="model to switch to (default: EMBEDDING_MODEL)",
    ),
    argument(
        "--provider",
        dest="EMBEDDING_PROVIDER",
        metavar="NAME",
        help="provider of embeddings: local, siliconflow, openai (default: EMBEDDING_PROVIDER)",
    ),
    argument(
        "--dimensions",
        dest="EMBEDDING_DIMENSIONS",
        metavar="N",
        help="dimensions, if the model supports several (default: EMBEDDING_DIMENSIONS)",
    ),
)


def _named_options(args: Namespace) -> list[str]:
    """Return the options that name a model, as given."""
    return [
        word
        for variable, option in _OPTIONS.items()
        if (value := getattr(args, variable)) is not None
        for word in (option, value)
    ]


def _as_given(args: Namespace, problem: ConfigurationProblem) -> ConfigurationProblem:
    """Return the problem by the option that was given, or is missing beside given ones."""
    option = _OPTIONS.get(problem.variable)
    if option is None:
        return problem
    missing = problem.message.startswith("is not set")
    if getattr(args, problem.variable) is None and not (missing and _named_options(args)):
        return problem
    return replace(problem, variable=option, origin=COMMAND_LINE)


def _refuse_other_model(args: Namespace, model: EmbeddingModel) -> None:
    """Refuse a model that the provider lacks: the local one has only its own."""
    for option, asked, given in (
        ("--model", args.EMBEDDING_MODEL, model.name),
        ("--dimensions", args.EMBEDDING_DIMENSIONS, str(model.dimensions)),
    ):
        if asked not in {None, given}:
            raise InvalidInputError(
                option,
                phrase(
                    "{field}: the provider {provider} has {given}, not {asked}",
                    provider=model.provider,
                    given=given,
                    asked=asked,
                ),
                hint="pass another one with --provider",
            )


@verb(
    "reembed",
    *_MODEL,
    argument("--drop-old", action="store_true", help="then delete the vectors of all other models"),
    YES,
    JSON,
    examples=(
        "sage reembed",
        "sage reembed --provider siliconflow --model BAAI/bge-m3",
        "sage reembed --drop-old",
    ),
    details="The previous model stays active until every memory is embedded with the new one."
    " If the model does not change, memories without vectors are embedded, for example imported"
    " ones. If it is interrupted, run it again to continue.",
)
def reembed(args: Namespace, console: Console) -> int:
    """Move to the configured model, or the one named, while Sage continues to answer."""
    from sage.cli.reembed_report import outcome_as_json, write_outcome
    from sage.local.signals import run_until_ended
    from sage.providers.registry import open_embedder

    try:
        settings = settings_of(args)
        target = open_embedder(settings)
    except ConfigurationError as error:
        raise ConfigurationError([_as_given(args, one) for one in error.problems]) from error
    _refuse_other_model(args, target.model)
    if not (args.yes or _agreed(args, target.model, console)):
        console.note(phrase("nothing was changed"))
        return FAILED
    outcome = run_until_ended(_reembed(args, settings, target, console))
    if args.json:
        console.write_json(outcome_as_json(outcome))
    else:
        place = [] if args.SAGE_DATA_DIR is None else ["--data-dir", args.SAGE_DATA_DIR]
        repeat = ["reembed", *place, *_named_options(args)]
        write_outcome(outcome, console, configured=_configured_model(args), repeat=repeat)
    return OK


async def _reembed(
    args: Namespace, settings: Settings, target: Embedder, console: Console
) -> ReembeddingOutcome:
    import asyncio

    from sage.cli.reembed_report import ReembeddingOutcome, ReembeddingProgress
    from sage.cli.views.program_name import as_called
    from sage.service.configured_database import open_configured_database
    from sage.service.reembedding import Reembedder, active_or_first, drop_old, lacks_vectors
    from sage.store.migrate import require_schema
    from sage.store.reembedding import reembedding_lock

    moved, dropped = None, []
    shown = ReembeddingProgress(console, target.model)
    try:
        async with (
            open_configured_database(settings, create=False) as database,
            reembedding_lock(database),
        ):
            await require_schema(database)
            active = await active_or_first(database, target)
            if active.model != target.model:
                _refuse_move_unasked(args, active.model, target.model)
            if active.model != target.model or await lacks_vectors(database, active.model_id):
                await target.start()
                moved = await Reembedder(database, target, shown).move()
            if args.drop_old:
                dropped = await drop_old(database, shown)
    except asyncio.CancelledError:
        shown.step(as_called("interrupted: run `sage reembed` again to continue"))
        raise
    finally:
        shown.end()
        await target.close()
    return ReembeddingOutcome(active.model, target.model, moved, dropped)


def _configured_model(args: Namespace) -> EmbeddingModel | None:
    """Return the configured model, ignoring the command line."""
    from sage.providers.registry import configured_model

    unnamed = dict.fromkeys(("EMBEDDING_PROVIDER", "EMBEDDING_MODEL", "EMBEDDING_DIMENSIONS"))
    settings = configuration_of(Namespace(**(vars(args) | unnamed)), listens=False).settings
    return None if settings is None else configured_model(settings)


def _refuse_move_unasked(args: Namespace, serving: EmbeddingModel, wanted: EmbeddingModel) -> None:
    """Refuse `--drop-old` if it would move first: without a named model that may be unintended.

    The deleted vectors would be those of the model that answers.
    """
    if not args.drop_old or _named_options(args):
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
        phrase(
            "{name} ({provider}, {dimensions}) is active, but {other} "
            "({other_provider}, {other_dimensions}) is configured: which vectors "
            "should be deleted?",
            name=serving.name,
            provider=serving.provider,
            dimensions=serving.dimensions,
            other=wanted.name,
            other_provider=wanted.provider,
            other_dimensions=wanted.dimensions,
        ),
        detail="nothing was changed",
        hint=phrase(
            "to keep {name}, configure it, or run `{stay}`; to move to {other} and "
            "delete the others, `{move}`",
            name=serving.name,
            stay=stay,
            other=wanted.name,
            move=move,
        ),
    )


def _agreed(args: Namespace, model: EmbeddingModel, console: Console) -> bool:
    """Ask on a terminal; scripts are not asked."""
    from sage.cli.terminal.prompt import confirm

    if args.drop_old and not _named_options(args):
        asked = phrase("delete the vectors of all models except {name}", name=model.name)
        return confirm(console, asked)
    asked = phrase("embed all memories that {name} has not embedded", name=model.name)
    if model.provider != "local":
        asked = phrase(
            "{asked}, which sends their texts to {provider}", asked=asked, provider=model.provider
        )
    if args.drop_old:
        asked = phrase("{asked}, then delete all other vectors", asked=asked)
    return confirm(console, asked)

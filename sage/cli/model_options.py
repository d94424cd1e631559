"""The options that name an embedding model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.cli.verb import argument
from sage.config.origins import COMMAND_LINE
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.domain.embedding import EmbeddingModel
    from sage.errors import ConfigurationProblem

_OPTIONS = {
    "EMBEDDING_PROVIDER": "--provider",
    "EMBEDDING_MODEL": "--model",
    "EMBEDDING_DIMENSIONS": "--dimensions",
}


MODEL = (
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


def named_options(args: Namespace) -> list[str]:
    """Return the options that name a model, as they were given."""
    return [
        word
        for variable, option in _OPTIONS.items()
        if (value := getattr(args, variable)) is not None
        for word in (option, value)
    ]


def as_given(args: Namespace, problem: ConfigurationProblem) -> ConfigurationProblem:
    """Name the option that was given, or is missing where a model is named by others."""
    option = _OPTIONS.get(problem.variable)
    if option is None:
        return problem
    missing = problem.message.startswith("is not set")
    if getattr(args, problem.variable) is None and not (missing and named_options(args)):
        return problem
    return replace(problem, variable=option, origin=COMMAND_LINE)


def refuse_other_model(args: Namespace, model: EmbeddingModel) -> None:
    """Refuse a model that the provider does not have: the local one has but its own."""
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
                hint="name another one with --provider",
            )

"""Verbs as decorated functions: what a verb takes stands above what it does.

    @verb(
        "space rename",
        argument("name", metavar="NAME", help="name of the space"),
        summary="rename a space; its tokens stay valid",
        examples=("sage space rename team herons",),
    )
    def rename(args: Namespace, console: Console) -> int: ...

Little is imported here: hooks load their verb, too, and never its parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from argparse import Namespace, _ActionsContainer
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from sage.cli.terminal.console import Console

    Run = Callable[[Namespace, Console], int]
    Option = Callable[[_ActionsContainer], object]

_DECLARED = "__verbs__"


class Verb(NamedTuple):
    """A verb of the command line: its name, its arguments, and its function."""

    name: str
    takes: tuple[Option, ...]
    summary: str
    details: str
    examples: tuple[str, ...]
    run: Run


def argument(*names: str, **settings: object) -> Option:
    """Return an argument or an option, declared as for `argparse`."""
    return lambda parser: parser.add_argument(*names, **settings)  # type: ignore[arg-type] # argparse checks


def one_of(*options: Option) -> Option:
    """Return mutually exclusive options."""

    def add(parser: _ActionsContainer) -> None:
        group = parser.add_mutually_exclusive_group()
        for option in options:
            option(group)

    return add


def verb(
    name: str, *takes: Option, examples: tuple[str, ...], summary: str = "", details: str = ""
) -> Callable[[Run], Run]:
    """Return a decorator that declares a verb, such as `space` or its subcommand `space rename`.

    `takes` has its options in the order of its help, `details` what the summary leaves open. The
    summary of a verb without subcommands is in `sage.cli.verbs`: help shows it without importing
    the module. A function may be several verbs.
    """

    def declare(run: Run) -> Run:
        declared = Verb(name, takes, summary, details, examples, run)
        vars(run).setdefault(_DECLARED, []).append(declared)
        return run

    return declare


def verbs_in(module: ModuleType) -> Iterator[Verb]:
    """Yield the verbs declared by the functions of a module, in order."""
    for each in vars(module).values():
        yield from getattr(each, _DECLARED, ())

"""The parser of the command line: declared verbs, and errors in two lines."""

from __future__ import annotations

import argparse
import functools
import importlib
import shutil
import sys
from typing import TYPE_CHECKING, NoReturn

from sage import __version__
from sage.cli import overview, synonyms
from sage.cli.failures import OK
from sage.cli.verb import verbs_in
from sage.cli.verbs import MODULES, VERBS
from sage.clients.parser import ABOUT_ARGUMENT, MISSING, Parser, SpokenHelp, worded
from sage.domain.text.columns import folded
from sage.errors import InvalidInputError, closest
from sage.phrases import Phrase, as_phrase, joined, phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sage.cli.terminal.console import Console
    from sage.cli.verb import Verb

_LIKENESS = 0.75
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_EXIT_CODES = (
    "exit codes:\n  0 success, 1 failure, 2 usage error,\n  78 invalid "
    "configuration, 130 interrupted\n\n`sage COMMAND --help` shows the options "
    "and examples of a command."
)


def build_parser() -> ProgramParser:
    """Return the parser of the whole command line; parsing a verb sets `run`."""
    parser = ProgramParser(
        prog="sage",
        description="A memory server for AI assistants: stores conversations and finds "
        "what is relevant.",
        epilog=_EXIT_CODES,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"sage {__version__}",
        help="print the version and exit",
    )
    parser.set_defaults(run=_show_first_steps, parser=parser, json=False)
    parser.add_global_options(None)
    for name, summary in VERBS.items():
        parser.add_verb(name, summary, functools.partial(_verbs_of, name))
    return parser


def _verbs_of(name: str) -> Iterable[Verb]:
    """Import the module of a verb, and return the verb and its subcommands."""
    module = importlib.import_module(f"sage.cli.{MODULES[name]}")
    return [one for one in verbs_in(module) if one.name.split()[0] == name]


def _show_first_steps(_args: argparse.Namespace, console: Console) -> int:
    console.write_text(overview.first_steps(_help_columns()))
    return OK


def _help_columns() -> int:
    """Return the width of help, as argparse computes it."""
    return shutil.get_terminal_size().columns - 2


class VerbParser(Parser):
    """A parser of one verb. The arguments of the verb are declared when it is first used."""

    def __init__(
        self,
        *,
        path: str = "",
        summary: str = "",
        verbs: Callable[[], Iterable[Verb]] | None = None,
        **options: object,
    ) -> None:
        """`path` is the declared name of the verb; `verbs` returns it and its subcommands."""
        super().__init__(formatter_class=_HelpFormatter, allow_abbrev=False, **options)
        self.verbs: dict[str, VerbParser] = {}
        self._path = path
        self._declared = verbs
        self.summary = summary
        self._details = ""
        self._example = ""
        self._add_child: Callable[..., VerbParser] | None = None

    def add_verb(self, name: str, summary: str, verbs: Callable[[], Iterable[Verb]]) -> None:
        """Add a subcommand; `verbs` returns it and its own subcommands."""
        if self._add_child is None:
            self._add_child = self.add_subparsers(
                title=phrase("commands"), metavar="COMMAND", parser_class=VerbParser
            ).add_parser
        path = f"{self._path} {name}".strip()
        self.verbs[name] = self._add_child(
            name, help=summary, path=path, summary=summary, verbs=verbs
        )

    def add_verbs(self, verbs: Iterable[Verb]) -> None:
        """Add declared verbs: subcommands of this one, and its own arguments."""
        for one in verbs:
            if one.name == self._path:
                self._take(one)
            else:
                name = one.name.removeprefix(self._path).strip()
                self.add_verb(name, one.summary, functools.partial(iter, (one,)))

    def _take(self, verb: Verb) -> None:
        """Add the description, options and examples of a verb."""
        self.set_defaults(run=verb.run)
        self._details = verb.details
        self._example = verb.examples[0]
        self.epilog = joined("\n", (phrase("examples:"), *(f"  {one}" for one in verb.examples)))
        for option in verb.takes:
            option(self)

    def add_global_options(self, default: str | None = argparse.SUPPRESS) -> None:
        """Add the global options; below the top only set if given, so that either place works."""
        options = self.add_argument_group("global options")
        options.add_argument(
            "--data-dir",
            dest="SAGE_DATA_DIR",
            metavar="DIR",
            default=default,
            help="data directory",
        )
        options.add_argument(
            "--env-file",
            metavar="FILE",
            default=default,
            help="read settings from FILE instead of Sage's own .env",
        )
        options.add_argument(
            "--log-level",
            dest="SAGE_LOG_LEVEL",
            metavar="LEVEL",
            type=str.upper,
            choices=_LEVELS,
            default=default,
            help=phrase("lowest level that is logged: {levels}", levels=list(_LEVELS)),
        )

    def parse_known_args(  # type: ignore[override] # the one form in which argparse calls it
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse as argparse does. Raises InvalidInputError for unknown arguments."""
        self.declare()
        words = self._meant(sys.argv[1:] if args is None else args)
        parsed, unknown = super().parse_known_args(words, namespace)
        for word in unknown:
            raise self._unknown_option(word) if word.startswith("-") else self._surplus(word)
        return parsed, unknown

    def declare(self) -> None:
        """Declare the arguments of this verb, if that was not done yet."""
        if self._declared is not None:
            verbs, self._declared = self._declared, None
            self.set_defaults(run=None)
            self.add_verbs(verbs())
            self.set_defaults(parser=self)
            self.add_global_options()

    def find_verb(self, word: str) -> VerbParser:
        """Return the parser of the verb that a word stands for. Raises InvalidInputError."""
        self.declare()
        return self.verbs[self._called(word, ())[0]]

    def completions(self, previous: str, current: str) -> dict[str, str]:
        """Return the words that may replace `current`, with descriptions.

        None if anything is allowed: the value of an option, a text, a file.
        """
        self.declare()
        option = self._option_string_actions.get(previous)
        if option is not None and option.nargs != 0:
            found = dict.fromkeys(map(str, option.choices or ()), "")
        elif current.startswith("-"):
            found = {
                word: said(action.help or "") % {"default": action.default}
                for word, action in self._option_string_actions.items()
                if word.startswith("--")
            }
        else:
            found = {name: _sentence(verb.summary) for name, verb in self.verbs.items()}
            for action in self._actions:
                if not action.option_strings and not self.verbs:
                    found |= dict.fromkeys(map(str, action.choices or ()), "")
        return {word: text for word, text in found.items() if word.startswith(current)}

    def format_help(self) -> str:
        """Return the help of a verb, with its summary as the first sentence."""
        if self.summary:
            self.description = joined(
                "\n\n", filter(None, (_sentence(self.summary), self._details))
            )
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise InvalidInputError for an error of argparse."""
        if missing := MISSING.fullmatch(message):
            hint = self._see_help
            if self._example:
                hint = phrase(
                    "such as `{example}`; {see_help}", example=self._example, see_help=hint
                )
            raise InvalidInputError(missing["names"], "{field} is missing", hint=hint)
        about = ABOUT_ARGUMENT.fullmatch(message)
        field, problem = about.groups() if about else (self.prog, message)
        text = phrase("{field}: {problem}", problem=as_phrase(worded(problem)))
        raise InvalidInputError(field, text, hint=self._see_help)

    def _get_value(self, action: argparse.Action, arg_string: str) -> object:
        """Convert a value; an error of the argument's type remains a phrase."""
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError as error:
            match error.__context__:
                case argparse.ArgumentTypeError(args=(Phrase() as problem,)):
                    text = phrase("{field}: {problem}", problem=problem)
                    field = str(error.argument_name)
                    raise InvalidInputError(field, text, hint=self._see_help) from None
            raise

    @property
    def _see_help(self) -> str:
        return phrase("`{program} --help` shows its options", program=self.prog)

    @property
    def _list_verbs(self) -> str:
        return phrase("`{program} --help` lists them", program=self.prog)

    def _meant(self, words: Sequence[str]) -> list[str]:
        """Return the words with synonyms replaced by verbs.

        Raises InvalidInputError for an unknown option or verb, since argparse would first report a
        missing argument.
        """
        meant = list(words)
        rest = iter(enumerate(words))
        for at, word in rest:
            if word == "--":
                break
            if word.startswith("--") and " " not in word:
                name, _, value = word.partition("=")
                if name not in self._option_string_actions:
                    raise self._unknown_option(name)
                if self._option_string_actions[name].nargs is None and not value:
                    next(rest, None)
            elif self.verbs and not word.startswith("-"):
                meant[at:] = self._called(word, words[at + 1 :])
                break
        return meant

    def _called(self, verb: str, rest: Sequence[str]) -> list[str]:
        """Return the verb that is called, with its arguments. Raises InvalidInputError."""
        if verb not in self.verbs:
            raise self._unknown_verb(verb)
        return [verb, *rest]

    def _unknown_option(self, option: str) -> InvalidInputError:
        problem = phrase("{field} is not an option of `{program}`", program=self.prog)
        if hint := synonyms.FORMER.get(f"{self._path} {option}"):
            return InvalidInputError(option, problem, hint=hint)
        known = {name.lstrip("-"): name for name in self._option_string_actions}
        meant = closest(option.lstrip("-"), known, _LIKENESS)
        hint = self._see_help
        if meant:
            hint = phrase("did you mean {option}? {see_help}", option=known[meant], see_help=hint)
        return InvalidInputError(option, problem, hint=hint)

    def _unknown_verb(self, verb: str) -> InvalidInputError:
        if hint := synonyms.FORMER.get(f"{self._path} {verb}"):
            return self._no_verb(verb, hint)
        named = (one for one in synonyms.OF_INNER.get(verb, ()) if one in self.verbs)
        meant = next(named, None) or closest(verb, self.verbs, _LIKENESS)
        hint = self._list_verbs
        if meant:
            hint = phrase(
                "did you mean `{program} {verb}`? {list_them}",
                program=self.prog,
                verb=meant,
                list_them=hint,
            )
        return self._no_verb(verb, hint)

    def _no_verb(self, word: str, hint: str) -> InvalidInputError:
        problem = phrase("{field} is not a command of `{program}`", program=self.prog)
        return InvalidInputError(repr(word), problem, hint=hint)

    def _surplus(self, word: str) -> InvalidInputError:
        hint = phrase("put text with spaces in quotes; {see_help}", see_help=self._see_help)
        return InvalidInputError(repr(word), "unexpected argument {field}", hint=hint)


class ProgramParser(VerbParser):
    """The parser of `sage` itself, which also accepts synonyms of its verbs."""

    def format_help(self) -> str:
        """Return the everyday verbs, in their groups."""
        return overview.everyday_verbs(_help_columns())

    def format_all(self) -> str:
        """Return the whole help: all verbs in their groups, options and exit codes."""
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        formatter.add_text(overview.all_verbs(_help_columns()))
        for group in self._action_groups:
            shown = [one for one in group._group_actions if not one.choices or one.option_strings]  # noqa: SLF001 - argparse has no public name for it
            formatter.start_section(group.title)
            formatter.add_arguments(shown)
            formatter.end_section()
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def _called(self, verb: str, rest: Sequence[str]) -> list[str]:
        if hint := synonyms.HINTS.get(verb):
            raise self._no_verb(verb, hint)
        return super()._called(synonyms.RUN.get(verb, verb), rest)

    @property
    def _list_verbs(self) -> str:
        return phrase("`{program} help --all` lists them", program=self.prog)


def _sentence(summary: str) -> str:
    """Return a summary as a sentence, in the language of the process."""
    text = said(phrase("{summary}.", summary=as_phrase(summary)))
    return f"{text[0].upper()}{text[1:]}"


class _HelpFormatter(SpokenHelp):
    """Wraps paragraphs at the width of the terminal; indented lines stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (
            part if "\n " in part else "\n".join(f"{indent}{line}" for line in folded(part, width))
            for part in text.split("\n\n")
        )
        return "\n\n".join(paragraphs)

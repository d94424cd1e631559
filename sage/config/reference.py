"""Generate the documents about the variables: `.env.example`, the tables of the settings pages."""

from __future__ import annotations

import re
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from sage.config.other_names import PRESENT_NAMES
from sage.config.sources import PROFILES
from sage.config.validation_messages import display_value
from sage.config.variables import VARIABLES
from sage.phrases import phrase
from sage.phrases.language import CHINESE, ENGLISH, gap, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sage.config.variables import Variable

_WIDTH = 98

_ENV_HEAD = """\
# Settings of Sage. Copy this file to .env. Every line is optional; an empty value counts as unset.
# Variables of the process environment override this file. Each NAME can also be given as NAME_FILE,
# the path of a file that contains the value. Run `sage config check` to find mistakes; see
# docs/configuration.md for details. Keep this file private (chmod 600), since it may hold secrets.
"""

_MADE = re.compile(
    r"(?P<head><!-- made by tests.config.documents: (?P<part>\w+) -->\n).*?(?P<end><!-- end -->\n)",
    re.DOTALL,
)
_HEADS = (
    phrase("variable"),
    phrase("in TOML"),
    phrase("default"),
    phrase("allowed"),
    phrase("meaning"),
)
_BETWEEN = {CHINESE: "、"}


def render_env_example() -> str:
    """Write `.env.example`: every variable in its group, explained, with an empty value."""
    lines = [_ENV_HEAD]
    for group, variables in groupby(VARIABLES, key=lambda variable: variable.group):
        title = f"# --- {group} "
        lines.append(title + "-" * (_WIDTH - len(title)) + "\n")
        lines += [_entry(variable) for variable in variables]
    return "\n".join(lines)


def render_reference(page: str, language: str = ENGLISH) -> str:
    """Return a settings page with its tables regenerated; the rest of it is written by hand."""
    parts = {"profiles": _profiles, "settings": _settings, "former": _former}
    return _MADE.sub(lambda made: made["head"] + parts[made["part"]](language) + made["end"], page)


def _profiles(language: str) -> str:
    rows = {
        f"`{env}`": _BETWEEN.get(language, ", ").join(
            f"`{name}={raw}`" for name, raw in profile.items()
        )
        or said(phrase("nothing"), language)
        for env, profile in PROFILES.items()
    }
    heads = (said(phrase("profile"), language), said(phrase("sets"), language))
    return _table(heads, rows.items())


def _settings(language: str) -> str:
    heads = [said(head, language) for head in _HEADS]
    return "\n".join(
        f"## {said(group, language)}\n\n"
        + _table(heads, (_cells(variable, language) for variable in variables))
        for group, variables in groupby(VARIABLES, key=lambda variable: variable.group)
    )


def _former(language: str) -> str:
    heads = (said(phrase("former"), language), said(phrase("current"), language))
    return _table(heads, ((f"`{name}`", f"`{now}`") for name, now in PRESENT_NAMES.items()))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _entry(variable: Variable) -> str:
    sentences = [variable.summary]
    if allowed := _allowed(variable):
        sentences.append(f"Allowed: {allowed}.")
    if default := display_value(variable, variable.default):
        sentences.append(f"Default: {default}.")
    comment = wrap(" ".join(sentences), _WIDTH - 2)
    if variable.example:
        comment.append(f"Example: {variable.example}")
    return "".join(f"# {line}\n" for line in comment) + f"{variable.name}=\n"


def _cells(variable: Variable, language: str) -> tuple[str, ...]:
    default = display_value(variable, variable.default)
    meaning = [said(variable.summary, language)]
    if variable.example:
        meaning.append(said(phrase("Example: `{value}`.", value=variable.example), language))
    if variable.is_secret:
        meaning.append(said(phrase("Secret."), language))
    return (
        f"`{variable.name}`",
        f"`{variable.path}`" if variable.path else "-",
        f"`{default}`" if default else "-",
        _allowed(variable, language) or "-",
        gap(language).join(meaning),
    )


def _allowed(variable: Variable, language: str = ENGLISH) -> str:
    between = _BETWEEN.get(language, ", ")
    return between.join(variable.choices) or said(variable.range, language)

"""Every text of Sage that a person reads: what a catalogue of another language is to hold."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.architecture.read_by_people import READ_BY_PEOPLE, SHOWN
from tests.architecture.sources import ROOT, sources
from tests.architecture.texts import Texts, called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.architecture.sources import Source

ROOMS = (
    "sage/cli/",
    "sage/operations/",
    "sage/container.py",
    *(f"sage/clients/{room}/" for room in ("command", "connect", "hooks", "importing")),
)
"""Where prose is for people, but for what stands below."""

NO_TEXTS = (
    "sage/cli/autostart/definition.py",
    "sage/cli/benchmark/agents/",
    "sage/cli/benchmark/sandbox.py",
    "sage/cli/completion.py",
    "sage/cli/synonyms.py",
    "sage/cli/terminal/console.py",
    "sage/clients/command/installed_copy.py",
    "sage/clients/hooks/ignoring.py",
    "sage/clients/hooks/repository.py",
    "sage/clients/hooks/capture/spool.py",
    "sage/operations/checks/captures.py",
)
"""Files whose prose is scripts, data, the names of styles or how an error begins."""

NO_PROSE = (
    "command line",
    "data dir",
    "next model",
    "metrics port",
    "this machine",
    "DATABASE_URL or DB_HOST",
    "--port or MCP_SERVER_PORT",
    "claude mcp add --scope user --transport http sage ",
    " connect claude-code --hooks --write --url ",
    "import hashlib, sys; ",
    " is not the one of this Sage, and is removed' >&2",
    "--hooks edits",
    "connect generic",
    "forget --undo",
    "import --undo last",
    "connection: close",
    "content-type: application/json",
    "content-type: application/x-ndjson",
    "Token of Sage",
    "For the user, who decides; run nothing unasked: {}",
)
"""Names, which programs read, too, commands, and what models read."""

_PROSE = re.compile(r"[A-Za-z]{2,}[:;,]? [a-z]{2,}")
_READ_BY_NOBODY = frozenset(
    {"compile", "startswith", "get", "debug", "info", "warning", "exception"}
)
_INTERNAL = frozenset(
    {"ValueError", "TypeError", "RuntimeError", "ConnectionError", "PermissionError"}
)


class Entry(NamedTuple):
    """A text: where it stands, its template, and that for other numbers than one, if it has any."""

    line: str
    id: str
    plural: str = ""


@cache
def texts() -> Texts:
    """Follow the texts of Sage, to where they are said in the language of a person."""
    followed = tuple(one for one in sources("sage") if not one.path.startswith("sage/phrases/"))
    return Texts(followed, READ_BY_PEOPLE, SHOWN)


def entries() -> Iterator[Entry]:
    """Yield every text that a person reads."""
    yield from (Entry(line, text) for text, lines in texts().plain.items() for line in lines)
    for source in sources("sage"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                yield from _made_by(node, source)


def texts_of_pages() -> Iterator[Entry]:
    """Yield what the templates of pages say by `_()`, `ngettext()` and `{% trans %}`."""
    pages = sorted((ROOT / "sage/console/templates").rglob("*.html"))
    if not pages:
        return
    from jinja2 import Environment  # noqa: PLC0415 - of the pages alone

    read = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    for page in pages:
        path = page.relative_to(ROOT).as_posix()
        for line, _, text in read.extract_translations(page.read_text(encoding="utf-8")):
            one, *many = [text] if isinstance(text, str) else [part for part in text if part]
            yield Entry(f"{path}:{line}", one, *many)


def templates(call: ast.Call) -> list[str]:
    """Return the template of a phrase, or the two of which one is taken; empty for neither."""
    match call.args:
        case [ast.Constant(value=str(template))]:
            return [template]
        case [ast.Constant(value=str(one)), ast.Constant(value=str(many))]:
            return [one, many]
        case [ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other)))]:
            return [one, other]
    return []


def _made_by(call: ast.Call, source: Source) -> Iterator[Entry]:
    line = source.line_of(call)
    match called(call), call.args:
        case "phrase", _:
            yield from (Entry(line, template) for template in templates(call))
        case "numbered", [ast.Constant(), ast.Constant()]:
            yield Entry(line, *templates(call))
        case "counted" | "counted_up_to", [
            *_,
            ast.Constant(value=str(one)),
            ast.Constant(value=str(many)),
        ]:
            yield Entry(line, f"{{count:,}} {one}", f"{{count:,}} {many}")


def unmarked() -> Iterator[str]:
    """Yield the prose of the rooms that speak to people which is none of the entries."""
    known = {text for entry in entries() for text in (entry.id, entry.plural)} | {*NO_PROSE}
    for source in sources("sage"):
        if source.path.startswith(ROOMS) and not source.path.startswith(NO_TEXTS):
            apart = {id(part) for node in ast.walk(source.tree) for part in _not_read(node)}
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Constant) and id(node) not in apart:
                    text = node.value
                    if isinstance(text, str) and text not in known and _PROSE.search(text):
                        yield f"{source.line_of(node)} {text!r}"


def _not_read(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what below a node is read by no person: docstrings, examples, patterns, comparisons."""
    match node:
        case ast.Expr(value=ast.Constant() as docstring):
            yield docstring
        case ast.Compare() | ast.keyword(arg="examples"):
            yield from ast.walk(node)
        case ast.Raise(exc=ast.Call() as error) if called(error) in _INTERNAL:
            yield from ast.walk(error)
        case ast.Assign(targets=[ast.Name(id="_SCRIPT" | "_EXAMPLES")]):
            yield from ast.walk(node)
        case ast.Call(args=[ast.Constant() as name, *_]) if called(node) == "verb":
            yield name
        case ast.Call() if called(node) in {"counted", *_READ_BY_NOBODY}:
            yield from ast.walk(node)

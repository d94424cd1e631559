"""Whatever a person reads is made from an id and named arguments."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from sage.phrases import FIELD, phrase
from tests.architecture.catalogue import entries, templates, texts, unmarked
from tests.architecture.read_by_people import READ_BY_PEOPLE, SHOWN
from tests.architecture.sources import parse, sources
from tests.architecture.texts import Texts, called
from tests.support.each import each

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDED_LATER = {"field", "name", "path"}
"""What is added to a text by the error it goes into, where it is not known to who words it."""

HEAD = "from sage.errors import SageError\nfrom sage.phrases import phrase\n"
FOUND = [
    'SageError(f"port {port} is in use")',
    'SageError("it ends", hint="use " + name)',
    'SageError("it ends", detail="%s is full" % disk)',
    'SageError("a {} is there".format(name))',
    'SageError("it ends", hint=f"use {a}" if a else "use b")',
    'def f(a):\n    hint = f"use {a}"\n    raise SageError("it ends", hint=hint)',
    'def f(a):\n    hint = "use"\n    hint += " it"\n    raise SageError("it ends", hint=hint)',
    'def f(why):\n    return SageError(why)\nf(f"{x} ends")',
    'def f(why):\n    return SageError(phrase("it {why}", why=why))\nf(f"ends at {x}")',
    'def why():\n    return f"{x} ends"\nSageError(why())',
    'WHY = f"{x} ends"\nSageError(WHY)',
    'phrase\nSageError(phrase("it ends{more}", more=f" and {n} more"))',
]
FOUND_IN_A_LINE = [
    'console.write("it ends")',
    'console.write((phrase("it") if a else "ends", "bold"))',
    'LAST = {1: "it ends"}\nconsole.note(LAST[1])',
    'def f():\n    a = [n]\n    a += ["it ends"]\n    console.write(*a)',
    'def f():\n    a = []\n    a.append((f"{n} were found", ""))\n    console.write(*a)',
    'confirm(console, f"end {name}")',
    'parser.add_argument("-n", help=f"one of {names}")',
    'with Progress(console, f"reading {name}"):\n    pass',
    'console.write(f"added {name}")',
    'console.note("  ", (f"{n} were found", "bold"))',
    'def f():\n    return f"{n} were found"\nconsole.write(f())',
    'console.write(phrase("it ends{more}", more=f" and {n} more"))',
]
NOT_FOUND_IN_A_LINE = [
    'console.write(phrase("it ends"))',
    'console.write("sage: ", phrase("it ends"))',
    'console.write(*styled(phrase("{n} ends", n=phrase("it")), n="bold"))',
    'file.write("it ends")',
    'console.write(f"{name:<7}", phrase("{n} were found", n=n))',
    'console.note(f"  {path}")',
]
NOT_FOUND = [
    'SageError("it ends")',
    'SageError(phrase("port {port} is in use", port=port))',
    'SageError(phrase("{address} is in use", address=f"{host}:{port}"))',
    'SageError(error.message, hint="x" if a else "y")',
    'log.info(f"{x} ends")',
]


@each("code", FOUND)
def test_a_text_that_is_put_together_is_found_wherever_it_comes_from(code):
    assert Texts((parse("sage/x.py", HEAD + code),), READ_BY_PEOPLE).built


@each("code", FOUND_IN_A_LINE)
def test_a_sentence_put_together_in_a_line_of_a_report_is_found(code):
    assert Texts((parse("sage/x.py", HEAD + code),), READ_BY_PEOPLE, SHOWN).built


@each("code", NOT_FOUND_IN_A_LINE)
def test_what_only_lays_a_line_out_is_not_found(code):
    assert not Texts((parse("sage/x.py", HEAD + code),), READ_BY_PEOPLE, SHOWN).built


@each("code", NOT_FOUND)
def test_what_is_no_text_or_a_phrase_is_not_found(code):
    assert not Texts((parse("sage/x.py", HEAD + code),), READ_BY_PEOPLE).built


def test_no_text_for_people_is_put_together_without_an_id():
    built = texts().built
    assert not built, "\n".join(f"{line} {ast.unparse(text)}" for line, text in built.items())


COUNTED = {"counted", "counted_up_to"}


def _phrases() -> Iterator[tuple[str, list[str], set[str]]]:
    """Yield each call that makes a phrase: its line, its templates, the names of its arguments."""
    for source in sources("sage"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and called(node) in {"phrase", "numbered"}:
                names = {one.arg for one in node.keywords if one.arg}
                if source.path not in {"sage/phrases/__init__.py", "sage/domain/text/wording.py"}:
                    yield source.line_of(node), templates(node), names


def test_every_text_of_a_room_that_speaks_to_people_is_found():
    left = list(unmarked())
    assert not left, "\n".join(left)


def test_a_catalogue_finds_texts_of_every_kind_with_their_plurals():
    found = {one.id: one.plural for one in entries()}
    assert found["{count:,} memory"] == "{count:,} memories"
    assert found["{count:,} id was not found"] == "{count:,} ids were not found"
    for text in (
        "no answer from http://{where}{path}: {reason}",
        "only from this session",
        "store a conversation",
        "{question}? [y/N] ",
        "starting Sage",
        "nothing was changed",
        "no model for it is configured",
        "the database is being upgraded: {count}",
    ):
        assert text in found


def _nouns() -> Iterator[tuple[str, list[str]]]:
    """Yield each call that counts something: its line, and the nouns that are written out."""
    for source in sources("sage"):
        apart = {
            id(part)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.FunctionDef) and node.name in COUNTED
            for part in ast.walk(node)
        }
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and called(node) in COUNTED and id(node) not in apart:
                yield (
                    source.line_of(node),
                    [one.value for one in node.args[-2:] if isinstance(one, ast.Constant)],
                )


def test_an_id_is_written_out_where_the_phrase_is_made():
    unknown = [line for line, found, _ in _phrases() if not found]
    unknown += [line for line, nouns in _nouns() if len(nouns) < len(("one", "many"))]
    assert not unknown, "no id that a catalogue could have: write it into the call"


@each(("line", "found", "names"), _phrases())
def test_every_phrase_can_be_written_with_its_arguments(line, found, names):  # noqa: ARG001
    fields = {template: {match[1] for match in FIELD.finditer(template)} for template in found}
    assert names == set().union(*fields.values()) - (ADDED_LATER - names)
    sample = dict.fromkeys(names | ADDED_LATER, 1234567)
    for template in found:
        text = phrase(template, **sample)
        assert not re.search(r"\{\w", text), "an argument without a value"
        assert len(re.findall(r"1,?234,?567", text)) == len(FIELD.findall(template))


def _literals(message: ast.expr) -> Iterator[str]:
    match message:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_literals(one), *_literals(other))
        case ast.Call() if called(message) == "phrase":
            yield from templates(message)


def test_what_is_wrong_with_an_argument_names_it():
    """The command line puts its option in this place."""
    nameless = [
        f"{source.line_of(node)} {text}"
        for source in sources("sage")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and called(node) == "InvalidInputError" and node.args[1:]
        for text in _literals(node.args[1])
        if "{field}" not in text
    ]
    assert not nameless

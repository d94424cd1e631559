"""Where texts that a person reads are put together, found by following what is passed on."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.architecture.read_by_people import MAKERS, SHOWERS, TAKE_TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.architecture.sources import Source

_WORD = re.compile(r"[A-Za-z]{2,}")
_PROSE = re.compile(r"[a-z]{2,}[:;,]? |[ (][a-z]{2,}|; ")


Key = tuple[str, str]
Place = int | str


@dataclass
class _Function:
    node: ast.FunctionDef | ast.AsyncFunctionDef
    source: Source

    @property
    def parameters(self) -> list[str]:
        given = self.node.args
        names = [one.arg for one in (*given.posonlyargs, *given.args)]
        return names[1:] if names[:1] in (["self"], ["cls"]) else names

    def has(self, name: str) -> bool:
        return name in self.parameters or name in [one.arg for one in self.node.args.kwonlyargs]


@dataclass
class Texts:
    """The texts of the sources that people read and that are put together, by their lines."""

    sources: tuple[Source, ...]
    calls: dict[str, set[Place]]
    shown: dict[str, int] = field(default_factory=dict)
    built: dict[str, ast.AST] = field(default_factory=dict)
    plain: dict[str, set[str]] = field(default_factory=dict)
    """Texts that are written out where nothing but a text is expected, with their lines."""

    def __post_init__(self) -> None:
        self._functions: dict[Key, _Function] = {}
        self._constants: dict[Key, ast.expr] = {}
        self._imported: dict[Key, Key] = {}
        self._parents: dict[ast.AST, ast.AST] = {}
        self._seen: set[tuple[str, int]] = set()
        self._read: dict[Key, set[Place]] = {}
        self._put_in: dict[Key, set[Place]] = {}
        for source in self.sources:
            self._index(source)
        known = -1
        while known < (now := self._number_of_places()):
            known = now
            self._seen.clear()
            for source in self.sources:
                for node in ast.walk(source.tree):
                    if isinstance(node, ast.Call):
                        self._look_at_call(node, source)

    def _number_of_places(self) -> int:
        return sum(map(len, (*self._read.values(), *self._put_in.values())))

    def _index(self, source: Source) -> None:
        module = _module_of(source)
        for node in ast.walk(source.tree):
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._functions[module, node.name] = _Function(node, source)
                case ast.ImportFrom(module=str(origin)):
                    for alias in node.names:
                        self._imported[module, alias.asname or alias.name] = (origin, alias.name)
        for node in source.tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._constants[module, name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self._constants[module, name] = value

    def _resolved(self, source: Source, name: str) -> Key:
        own = (_module_of(source), name)
        return self._imported.get(own, own)

    def _path_of(self, name: str, source: Source) -> str:
        return ".".join(self._resolved(source, name))

    def _look_at_call(self, call: ast.Call, source: Source) -> None:
        name = called(call)
        places = {*self.calls.get(name, ()), *self.calls.get(self._path_of(name, source), ())}
        arguments: set[Place] = set()
        if isinstance(call.func, ast.Name) or _is_self(call.func):
            key = self._resolved(source, name)
            places |= self._read.get(key, set())
            arguments = self._put_in.get(key, set())
        if name in self.shown and _shows(call.func):
            for part in call.args[self.shown[name] :]:
                self._follow_part(part, source)
        for text in (text for place in places for text in _passed(call, place)):
            self._follow(text, source)
        for value in (value for place in arguments for value in _passed(call, place)):
            self._follow_argument(value, source)

    def _follow(self, text: ast.AST, source: Source) -> None:
        if not self._is_new("text", text):
            return
        if is_built(text):
            self.built[source.line_of(text)] = text
        elif isinstance(text, ast.Constant) and isinstance(text.value, str):
            self.plain.setdefault(text.value, set()).add(source.line_of(text))
        elif isinstance(text, ast.Name):
            self._follow_name(text, text.id, source)
        elif isinstance(text, ast.Call):
            self._follow_call(text, source)
        for part in _alternatives(text):
            self._follow(part, source)

    def _is_new(self, way: str, node: ast.AST) -> bool:
        if (way, id(node)) in self._seen:
            return False
        self._seen.add((way, id(node)))
        return True

    def _follow_call(self, call: ast.Call, source: Source) -> None:
        if called(call) in TAKE_TEXTS:
            for text in call.args[TAKE_TEXTS[called(call)] :]:
                self._follow(text, source)
        if called(call) in MAKERS:
            for argument in call.keywords:
                self._follow_argument(argument.value, source)
        for returned, its_source in self._returned_by(call, source):
            self._follow(returned, its_source)

    def _returned_by(self, call: ast.Call, source: Source) -> Iterator[tuple[ast.expr, Source]]:
        if isinstance(call.func, ast.Name) or _is_self(call.func):
            found = self._functions.get(self._resolved(source, called(call)))
            if found is not None:
                yield from ((one, found.source) for one in _returned(found.node))

    def _follow_part(self, part: ast.AST, source: Source) -> None:
        """Follow a part of a line on a terminal, which may be laid out, but no sentence built."""
        if not self._is_new("part", part):
            return
        if is_built(part):
            self._follow_argument(part, source)
        elif _is_text(part) and _WORD.search(part.value) and not is_name(part.value):
            self.built[source.line_of(part)] = part
        elif isinstance(part, ast.Call) and called(part) in {*MAKERS, *TAKE_TEXTS}:
            self._follow_call(part, source)
        elif isinstance(part, ast.Call):
            for returned, its_source in self._returned_by(part, source):
                self._follow_part(returned, its_source)
        elif isinstance(part, ast.Name):
            self._follow_part_name(part, source)
        for one in _alternatives(part):
            self._follow_part(one, source)

    def _follow_part_name(self, name: ast.Name, source: Source) -> None:
        assigned = list(self._assigned(name, name.id))
        for value in assigned:
            self._follow_part(value, source)
        if not assigned:
            self._follow_constant(name.id, source, self._follow_part)

    def _follow_argument(self, value: ast.AST, source: Source) -> None:
        """Follow what a phrase is made with, which may be a value, but no part of a sentence."""
        if not self._is_new("argument", value):
            return
        is_made = is_built(value) or isinstance(value, ast.Constant)
        text = "".join(_literals(value)) if is_made else ""
        if _PROSE.search(text) and " --" not in text:
            self.built[source.line_of(value)] = value
        for part in _alternatives(value):
            self._follow_argument(part, source)
        if isinstance(value, ast.Call) and called(value) in TAKE_TEXTS:
            self._follow_call(value, source)
        elif isinstance(value, ast.Call):
            for returned, its_source in self._returned_by(value, source):
                self._follow_argument(returned, its_source)
        elif isinstance(value, ast.Name):
            for assigned in self._assigned(value, value.id):
                self._follow_argument(assigned, source)
            self._mark_parameter(value, value.id, source, self._put_in)

    def _follow_name(self, node: ast.AST, name: str, source: Source) -> None:
        assigned = list(self._assigned(node, name))
        for value in assigned:
            self._follow(value, source)
        if not assigned and not self._mark_parameter(node, name, source, self._read):
            self._follow_constant(name, source, self._follow)

    def _follow_constant(
        self, name: str, source: Source, follow: Callable[[ast.AST, Source], None]
    ) -> None:
        module, constant = self._resolved(source, name)
        if (module, constant) in self._constants and not constant.startswith("__"):
            home = next(one for one in self.sources if _module_of(one) == module)
            follow(self._constants[module, constant], home)

    def _mark_parameter(
        self, node: ast.AST, name: str, source: Source, marks: dict[Key, set[Place]]
    ) -> bool:
        around = self._around(node)
        if around is None or not _Function(around, source).has(name):
            return False
        function = _Function(around, source)
        places = marks.setdefault((_module_of(source), around.name), set())
        places.add(name)
        if name in function.parameters:
            places.add(function.parameters.index(name))
        return True

    def _around(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        found: ast.AST | None = node
        while found is not None:
            found = self._parents.get(found)
            if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
                return found
        return None

    def _assigned(self, node: ast.AST, name: str) -> Iterator[ast.AST]:
        around = self._around(node)
        for one in ast.walk(around) if around else ():
            match one:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        yield from _values_of(target, value, name)
                case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                    if target == name:
                        yield value
                case ast.AugAssign(target=ast.Name(id=target), value=value) if target == name:
                    yield value if isinstance(value, ast.List | ast.Tuple) else one
                case ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr="append")):
                    yield from one.args if target == name else ()
                case (
                    ast.For(target=target, iter=values)
                    | ast.comprehension(target=target, iter=values)
                ) if name in _names(target):
                    yield values
                case ast.NamedExpr(target=ast.Name(id=target), value=value) if target == name:
                    yield value


def _alternatives(text: ast.AST) -> list[ast.expr]:
    """Return the expressions of which one, or each, is a text in the place of an expression."""
    match text:
        case ast.IfExp(body=body, orelse=other):
            return [body, other]
        case (
            ast.BoolOp(values=values)
            | ast.Dict(values=values)
            | ast.Tuple(elts=values)
            | ast.List(elts=values)
        ):
            return values
        case (
            ast.ListComp(elt=value)
            | ast.GeneratorExp(elt=value)
            | ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "get"))
            | ast.Subscript(value=value)
            | ast.Starred(value=value)
            | ast.NamedExpr(value=value)
            | ast.Await(value=value)
        ):
            return [value]
    return []


def called(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_built(node: ast.AST) -> bool:
    """Return whether an expression puts text together: f-string, `+`, `%`, `+=`, format."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) for value in values)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return any(_is_text(side) or is_built(side) for side in (left, right))
        case ast.AugAssign(op=ast.Add(), value=value):
            return _is_text(value) or is_built(value)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            return True
    return False


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _literals(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def is_name(text: str) -> bool:
    """Return whether a text is the name of Sage, which is the same in every language."""
    return text.strip(" :") == "sage"


def _names(target: ast.expr) -> set[str]:
    return {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}


def _shows(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(value=shower):
            return ast.unparse(shower).endswith(SHOWERS)
        case ast.Name(id=name):
            return name.startswith("_")
    return False


def _is_self(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return True
    return False


def _passed(call: ast.Call, place: Place) -> Iterator[ast.expr]:
    if isinstance(place, int):
        yield from call.args[place : place + 1]
    else:
        yield from (one.value for one in call.keywords if one.arg == place)


def _returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            yield node.value


def _values_of(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    match target, value:
        case ast.Name(id=known), _ if known == name:
            yield value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values):
            for one, its_value in zip(targets, values, strict=False):
                yield from _values_of(one, its_value, name)
        case ast.Tuple(), ast.Call() if name in _names(target):
            yield value


def _module_of(source: Source) -> str:
    return source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

"""Parse JSON, optionally with comments and trailing commas, with the place of every value.

Configuration files belong to their users: they are edited at single places, never rewritten.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from sage.errors import InvalidInputError
from sage.phrases import phrase

_BOM = "\ufeff"
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_LITERAL = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MAX_DEPTH = 200


@dataclass(slots=True)
class JsonNode:
    """A value and its place: `start` to `end` in the text.

    An object has `members`, of which the last counts for a repeated name; a list has `items`.
    `value` is what the standard library would have parsed.
    """

    start: int
    end: int = 0
    value: object = None
    members: dict[str, Member] | None = None
    items: list[JsonNode] | None = None

    def find(self, path: tuple[str, ...]) -> JsonNode | None:
        """Return the value at a path, None if there is none."""
        node: JsonNode | None = self
        for name in path:
            if node is None or node.members is None or name not in node.members:
                return None
            node = node.members[name].node
        return node

    @property
    def children(self) -> list[tuple[int, int]]:
        """The places of an object's members, names included, or of a list's items."""
        if self.members is not None:
            return sorted(one.place for one in self.members.values())
        return [(one.start, one.end) for one in self.items or ()]


@dataclass(slots=True)
class Member:
    """A member of an object; `start` is the place of its name."""

    start: int
    node: JsonNode

    @property
    def place(self) -> tuple[int, int]:
        """The beginning and end, name included."""
        return self.start, self.node.end


@dataclass(slots=True)
class _JsonParser:
    text: str
    name: str
    strict: bool
    at: int = 0
    depth: int = field(default=0)

    def document(self) -> JsonNode:
        if self.text.startswith(_BOM):
            self.at = 1
        self.skip()
        node = self.parse()
        self.skip()
        if self.at < len(self.text):
            raise self.wrong(phrase("there is extra text after the value"))
        return node

    def skip(self) -> None:
        while True:
            self.at = match.end() if (match := _SPACE.match(self.text, self.at)) else self.at
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                return
            if self.strict:
                raise self.wrong(
                    phrase("it contains a comment, which this client does not support")
                )
            self.at = comment.end()

    def parse(self) -> JsonNode:
        match self.text[self.at : self.at + 1]:
            case "{" | "[" as bracket:
                self.depth += 1
                if self.depth > _MAX_DEPTH:
                    raise self.wrong(phrase("it is nested too deep"))
                node = self.object() if bracket == "{" else self.list()
                self.depth -= 1
                return node
            case '"':
                return self.string()
        literal = _LITERAL.match(self.text, self.at)
        if literal is None:
            raise self.wrong(
                phrase("a value is expected")
                if self.at < len(self.text)
                else phrase("it ends unexpectedly")
            )
        node = JsonNode(self.at, literal.end(), json.loads(literal.group()))
        self.at = literal.end()
        return node

    def object(self) -> JsonNode:
        members: dict[str, Member] = {}
        node = JsonNode(self.at, members=members)
        while self.entry("}", is_first=not members):
            start = self.at
            if self.text[self.at : self.at + 1] != '"':
                raise self.wrong(phrase("a name in quotes is expected"))
            name = str(self.string().value)
            self.skip()
            self.expect(":")
            self.skip()
            members[name] = Member(start, self.parse())
        node.end = self.at
        node.value = {name: member.node.value for name, member in members.items()}
        return node

    def list(self) -> JsonNode:
        items: list[JsonNode] = []
        node = JsonNode(self.at, items=items)
        while self.entry("]", is_first=not items):
            items.append(self.parse())
        node.end = self.at
        node.value = [item.value for item in items]
        return node

    def entry(self, closing: str, *, is_first: bool) -> bool:
        """Advance to the next entry; return whether there is one."""
        if is_first:
            self.at += 1
        self.skip()
        if not is_first and self.text[self.at : self.at + 1] != closing:
            self.expect(",")
            self.skip()
            if self.text[self.at : self.at + 1] == closing and self.strict:
                raise self.wrong(phrase("it has a trailing comma"))
        if self.text[self.at : self.at + 1] != closing:
            return True
        self.at += 1
        return False

    def string(self) -> JsonNode:
        match = _STRING.match(self.text, self.at)
        try:
            value = json.loads(match.group()) if match else None
        except ValueError:
            value = None
        if match is None or value is None:
            raise self.wrong(phrase("unterminated string, or invalid escape"))
        node = JsonNode(self.at, match.end(), value)
        self.at = match.end()
        return node

    def expect(self, char: str) -> None:
        if self.text[self.at : self.at + 1] != char:
            found = self.text[self.at : self.at + 1]
            raise self.wrong(
                phrase("'{char}' is expected", char=char)
                if found
                else phrase("it ends unexpectedly")
            )
        self.at += 1

    def wrong(self, problem: str) -> InvalidInputError:
        return broken_file(self.name, self.text, self.at, problem)


def parse_json(text: str, name: str, *, strict: bool) -> JsonNode:
    """Parse a document; `strict` without comments and trailing commas.

    Raises InvalidInputError with line and column.
    """
    return _JsonParser(text, name, strict).document()


def place_text(text: str, at: int) -> str:
    """Return the line and column of a place."""
    before = text[:at].removeprefix(_BOM)
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return phrase("line {line}, column {column}", line=line, column=column)


def broken_file(name: str, text: str, at: int, problem: str) -> InvalidInputError:
    """Return the error for a file that cannot be parsed, with the line and column of the place."""
    return InvalidInputError(
        name,
        phrase(
            "{field} is broken at {place}: {problem}", place=place_text(text, at), problem=problem
        ),
        hint="correct it there; Sage leaves the file as it is",
    )

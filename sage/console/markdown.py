"""Messages as Markdown: HTML in them stays text, and nothing is fetched.

Marks that technical texts contain for other reasons are literal: underscores, backslashes,
entities, indents. Hidden parts, such as the address of a picture, are shown.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block.table import escapedSplit, getLine, table
from markdown_it.rules_inline import emphasis
from markupsafe import Markup

from sage.console.escaping import visible
from sage.retrieval.text.highlights import split_at_matches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from sage.retrieval.text.highlights import Matches

MAX_CHARS = 10_000
"""The longest text to parse as Markdown: the worst one takes a thread a quarter of a second."""
_CELLS_A_CHARACTER = 2
_STAND_FOR_THEMSELVES = ("code", "entity", "escape", "html_block", "html_inline", "lheading")
_HIDES_TEXT = ("reference",)
_LINKED = re.compile(r"(https?://|mailto:)", re.IGNORECASE)


def as_html(text: str, matches: Matches | None = None) -> Markup:
    """Return a text as HTML; `matches` finds the ranges of a part of it to highlight."""
    return Markup(_parser().render(text, {"matches": matches}))  # noqa: S704 - each part is escaped


def may_grow(text: str) -> bool:
    """Return whether a text may have tables with far more cells than it has characters.

    The rows of a table are padded to the width of its head.
    """
    lines = text.split("\n")
    widest = max(line.count("|") for line in lines)
    return widest * len(lines) > _CELLS_A_CHARACTER * len(text)


@cache
def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    made.enable(["table", "strikethrough"]).disable([*_STAND_FOR_THEMSELVES, *_HIDES_TEXT])
    made.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    made.inline.ruler.at("emphasis", _emphasis)
    made.validateLink = _is_linked  # type: ignore[method-assign] # how its documentation does it
    return made


def _emphasis(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as it is called
    return state.src[state.pos] != "_" and emphasis.tokenize(state, silent)


def _table(state: StateBlock, first: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - as there
    """Parse a table, unless a row has more cells than its head, as these would not be shown."""
    before = len(state.tokens)
    if not table(state, first, end, silent):
        return False
    if silent:
        return True
    columns = sum(token.type == "th_open" for token in state.tokens[before:])
    rows = range(first + 2, state.line)
    if all(_cells_in(getLine(state, line)) <= columns for line in rows):
        return True
    del state.tokens[before:]
    state.line = first
    return False


def _cells_in(line: str) -> int:
    cells = escapedSplit(line.strip())
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _is_linked(url: str) -> bool:
    return _LINKED.match(url) is not None


class _Renderer(RendererHTML):
    """Writes tokens as HTML without attributes from the text, except addresses."""

    def text(self, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
        return _shown(tokens[idx].content, env)

    def image(self, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
        """Write a picture as its source text: fetching it would reveal the reader."""
        token = tokens[idx]
        return _shown(f"![{token.content}]({token.attrGet('src')})", env)

    def code_inline(self, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
        return f"<code>{_shown(tokens[idx].content, env)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
        label = Markup('<span class="quiet">{}</span>\n').format(visible(tokens[idx].info.strip()))
        language = label if tokens[idx].info.strip() else ""
        return f"<pre>{language}<code>{_shown(tokens[idx].content, env)}</code></pre>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, _: OptionsDict, env: EnvType) -> str:
        address = str(tokens[idx].attrGet("href"))
        opened = Markup('<a href="{}" rel="noreferrer noopener">').format(address)
        bare = tokens[idx + 1].type == "link_close"  # a link without words would not be seen
        return opened + (_shown(address, env) if bare else "")

    def heading_open(self, *_: Any) -> str:  # noqa: ANN401 - nothing of it is read
        return '<p class="heading">'

    def heading_close(self, *_: Any) -> str:  # noqa: ANN401 - nothing of it is read
        return "</p>\n"

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802 - the name there
        """Write the first number of a list, and no style."""
        start = token.attrGet("start")
        return f' start="{int(start)}"' if start is not None else ""


def _shown(text: str, env: Mapping[str, Any]) -> str:
    matches: Matches | None = env["matches"]
    if matches is None:
        return visible(text)
    pieces = split_at_matches(text, matches(text))
    return "".join(
        Markup("<mark>{}</mark>").format(visible(piece)) if is_match else visible(piece)
        for piece, is_match in pieces
    )

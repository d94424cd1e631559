"""Split a long message into chunks that an embedding model accepts completely."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.text_length import normalized_length

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARAGRAPH_END = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"[.!?…][\"')\]]*\s|[。！？；]+[”’」』）]*|\n")  # noqa: RUF001 - CJK marks
_SPACE = re.compile(r"\s")
_MAX_EXPANSION = 18  # U+FDFA in NFKC
_ENDS = (_PARAGRAPH_END, _SENTENCE_END, _SPACE)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text as character offsets: `text[starts_at:ends_at]`."""

    starts_at: int
    ends_at: int


def chunks_of(text: str, max_chars: int) -> list[Chunk]:
    """Split `text` into chunks of 1 to `max_chars` characters (NFKC), in order, without overlap.

    A chunk ends after a paragraph, otherwise a sentence, otherwise a word, if that leaves it at
    least half full; only a run without any of them is split in the middle. Only white space is
    dropped. A text that fits is one chunk, whatever it contains.
    """
    if max_chars < 1:
        raise ValueError(f"max_chars is {max_chars}, at least 1 is needed")
    if len(text) <= max_chars:
        return list(_split_expanding(text, Chunk(0, len(text)), max_chars))
    chunks: list[Chunk] = []
    starts_at = _skip_space(text, 0)
    while starts_at < len(text):
        ends_at = _end_of_chunk(text, starts_at, max_chars)
        chunk = Chunk(starts_at, starts_at + len(text[starts_at:ends_at].rstrip()))
        chunks.extend(_split_expanding(text, chunk, max_chars))
        starts_at = _skip_space(text, ends_at)
    return chunks or [Chunk(0, max_chars)]


def ends_of(text: str, max_chars: int) -> str:
    """Omit the middle of a text longer than `max_chars`: questions are at either end."""
    if len(text) <= max_chars:
        return text
    half = max_chars // 2
    return f"{text[: max_chars - half - 1]} {text[len(text) - half :]}"


def _split_expanding(text: str, chunk: Chunk, max_chars: int) -> Iterator[Chunk]:
    """Split a chunk whose NFKC form is longer than allowed, down to single characters."""
    piece = text[chunk.starts_at : chunk.ends_at]
    size = normalized_length(piece, len(piece) * _MAX_EXPANSION)
    if size <= max_chars or len(piece) == 1:
        yield chunk
        return
    for part in chunks_of(piece, max(1, len(piece) * max_chars // size)):
        yield Chunk(chunk.starts_at + part.starts_at, chunk.starts_at + part.ends_at)


def _end_of_chunk(text: str, starts_at: int, max_chars: int) -> int:
    limit = starts_at + max_chars
    if limit >= len(text):
        return len(text)
    earliest = starts_at + max_chars // 2
    for end in _ENDS:
        matches = end.finditer(text, earliest, limit + text[limit].isspace())
        if ends := [match.end() for match in matches]:
            return ends[-1]
    return limit


def _skip_space(text: str, starts_at: int) -> int:
    while starts_at < len(text) and text[starts_at].isspace():
        starts_at += 1
    return starts_at

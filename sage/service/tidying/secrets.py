"""Memories with secrets, found as `sage scan` finds them, and shown masked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.listing import ListPosition
from sage.domain.masking import Masking
from sage.domain.text.masking.masked import MASK
from sage.domain.tidying import TidyGroup, TidyPage
from sage.store.tidying import count_totals, read_shown, read_texts, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from uuid import UUID

    from sage.domain.tidying import TidyRequest
    from sage.store.connections.pool import Database
    from sage.store.tidying import ScannedMemory

    _TextsById = Mapping[UUID, tuple[str, Mapping[str, object]]]

_STEP = 1_000
_SLICE_BYTES = 128 * 1024
_MAX_BYTES = 1024 * 1024
_BEFORE_CHARS, _AROUND_CHARS = 80, 300


class Secrets:
    """Finds memories with secrets; `known` are secrets that no pattern recognizes."""

    def __init__(self, database: Database, known: Collection[str]) -> None:
        self._database = database
        self._known = known

    async def page(self, request: TidyRequest) -> TidyPage:
        """Find memories with secrets, newest first. Raises StoreError.

        At most about a megabyte of text and a thousand memories are examined.
        """
        found: dict[UUID, tuple[str, Mapping[str, int]]] = {}
        looked_at = 0
        async with self._database.in_space(request.space_id) as conn:
            walked = await walk(conn, request, _STEP)
            for part in _slices(walked):
                texts = await read_texts(conn, request.space_id, [one.memory_id for one in part])
                held = await asyncio.to_thread(_with_secrets, texts, self._known)
                for one in part:
                    looked_at += 1
                    if one.memory_id in held:
                        found[one.memory_id] = held[one.memory_id]
                    if len(found) == request.limit:
                        break
                if len(found) == request.limit:
                    break
            shown = await read_shown(conn, request.space_id, [*found])
            total, _ = await count_totals(conn, request.space_id)
        groups = [
            TidyGroup((replace(shown[one][0], preview=preview, secrets=kinds),))
            for one, (preview, kinds) in found.items()
            if one in shown
        ]
        end = walked[looked_at - 1] if walked else None
        has_more = looked_at < len(walked) or len(walked) == _STEP
        cursor = ListPosition(end.created_at, end.memory_id).to_cursor() if end else None
        return TidyPage(
            kind=request.kind,
            groups=tuple(groups),
            sessions=(),
            next_cursor=cursor if has_more else None,
            looked_at=looked_at,
            looked_back_to=end.created_at if end else None,
            total=total,
        )


def _slices(walked: Sequence[ScannedMemory]) -> Iterator[list[ScannedMemory]]:
    """Yield memories in parts of bounded size, up to the limit for a page."""
    part: list[ScannedMemory] = []
    size = whole = 0
    for one in walked:
        part.append(one)
        size += one.size_bytes
        if size >= _SLICE_BYTES:
            yield part
            whole += size
            if whole >= _MAX_BYTES:
                return
            part, size = [], 0
    if part:
        yield part


def _with_secrets(
    texts: _TextsById, known: Collection[str]
) -> dict[UUID, tuple[str, Mapping[str, int]]]:
    """Return the memories with secrets: the text around the first one, masked, and the numbers."""
    held: dict[UUID, tuple[str, Mapping[str, int]]] = {}
    for memory_id, (content, metadata) in texts.items():
        masking = Masking(known)
        masked = masking.text(content)
        masking.metadata(metadata)
        if masking.kinds:
            held[memory_id] = (_around(masked), dict(masking.kinds))
    return held


def _around(text: str) -> str:
    """Return the text around the first secret, or the beginning if it is in a tag."""
    at = max(0, text.find(MASK) - _BEFORE_CHARS)
    shown = text[at : at + _AROUND_CHARS]
    return ("…" if at else "") + shown + ("…" if at + len(shown) < len(text) else "")

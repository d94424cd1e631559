"""Cursor: the chats in its state.vscdb."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sage.importing.entries import Entry, each
from sage.importing.source import Format
from sage.importing.sqlite_files import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.importing.files import File
    from sage.importing.sample import Sample

_TABLE = "cursorDiskKV"
_ROLES = {1: "user", 2: "assistant"}


def _recognizes(sample: Sample) -> bool:
    return "key" in sample.tables.get(_TABLE, ())


def _read(file: File) -> Iterator[Entry]:
    chats = (value for _, value in _stored(file, "composerData:") if value)
    yield from each(chats, lambda chat: _chat(file, chat))


def _stored(file: File, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in read_rows(file.path, _TABLE, ["key"], prefix):
        raw = row["value"]
        value = json.loads(raw) if raw else None
        yield row["key"].removeprefix(prefix), value if isinstance(value, dict) else {}


def _chat(file: File, chat: dict[str, Any]) -> Iterator[Entry]:
    """Yield the messages that a chat lists; others with its id are leftovers."""
    number = chat["composerId"]
    headers = chat.get("fullConversationHeadersOnly")
    if headers is None:  # older chats hold their messages
        yield from each(chat.get("conversation") or [], lambda one: [_message(one, chat)])
        return
    if headers:
        messages = dict(_stored(file, f"bubbleId:{number}:"))
        listed = [messages.get(one["bubbleId"]) for one in headers]
        yield from each(listed, lambda one: [_message(one, chat)])


def _message(message: dict[str, Any], chat: dict[str, Any]) -> Entry:
    text = message.get("text") or ""
    return Entry(
        f"{chat['composerId']}\0{message['bubbleId']}",
        chat["composerId"],
        _ROLES[message["type"]],
        text,
        message.get("createdAt") or chat.get("createdAt"),
        metadata={"title": chat.get("name")},
        left_out="tools" if message.get("toolFormerData") and not text else "",
    )


CURSOR = Format("cursor", _recognizes, _read)

"""Cursor: the chats in its state.vscdb."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sage.clients.hooks.ignoring import LEFT_OUT, is_ignored
from sage.clients.reading.files import File
from sage.clients.reading.format import READ_ERRORS, Entry, ImportFormat, read_each
from sage.clients.reading.projects import project_metadata
from sage.clients.reading.sqlite_files import columns_of, read_rows
from sage.clients.transcripts.projects import workspaces_of_cursor
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.sample import SourceSample

_TABLE, _OLD_TABLE = "cursorDiskKV", "ItemTable"
_OLD_CHATS = "workbench.panel.aichat.view.aichat.chatdata"
_OLD_COMPOSERS = "composer.composerData"
_ROLES = {1: "user", 2: "assistant", "user": "user", "ai": "assistant"}


def _recognizes(sample: SourceSample) -> bool:
    if "key" in sample.tables.get(_TABLE, ()):
        return True
    return "key" in sample.tables.get(_OLD_TABLE, ()) and any(_of_2024(sample.file))


def _read(file: File) -> Iterator[Entry]:
    folders: dict[str, str] = {}
    for database, folder in workspaces_of_cursor(file.path.absolute().parents[1]):
        with suppress(InvalidInputError, *READ_ERRORS):  # that one says nothing
            for chat in _of_2024(File(database)):
                folders[str(chat.get("composerId") or chat.get("tabId"))] = folder
    for entry in _messages(file):
        folder = folders.get(str(entry.session), "")
        left_out = entry.left_out or (LEFT_OUT if is_ignored(folder) else "")
        metadata = {**entry.metadata, **project_metadata(folder)}
        yield replace(entry, metadata=metadata, left_out=left_out)


def _messages(file: File) -> Iterator[Entry]:
    tables = columns_of(file.path)
    if _TABLE in tables:
        chats = (value for _, value in _stored(file, "composerData:") if value != {})
        yield from read_each(chats, lambda chat: _chat(file, chat))
    if _OLD_TABLE in tables:
        yield from read_each(_of_2024(file), lambda chat: _chat_of_2024(file, chat))


def _of_2024(file: File) -> Iterator[Any]:
    """Yield the chats of Cursor from before it had a table for them."""
    for key, name in ((_OLD_CHATS, "tabs"), (_OLD_COMPOSERS, "allComposers")):
        for _, stored in _stored(file, key, _OLD_TABLE):
            listed = (stored or {}).get(name)
            yield from listed if isinstance(listed, list) else ()


def _chat_of_2024(file: File, chat: dict[str, Any]) -> Iterator[Entry]:
    """Yield the messages of a tab, or of a composer; one without any is only listed there."""
    if "tabId" not in chat:
        return _chat(file, {"conversation": [], **chat, "fullConversationHeadersOnly": None})
    bubbles = [
        {"bubbleId": str(place), **bubble} for place, bubble in enumerate(chat.get("bubbles") or ())
    ]
    named = {"composerId": chat["tabId"], "name": chat.get("chatTitle"), "conversation": bubbles}
    return _chat(file, {**named, "createdAt": chat.get("lastSendTime")})


def _stored(
    file: File, prefix: str, table: str = _TABLE
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield the objects whose keys have a prefix: empty for none, None for an invalid one."""
    for row in read_rows(file.path, table, ["key"], prefix):
        raw = row["value"]
        try:
            value = json.loads(raw) if raw else {}
        except ValueError:
            value = None
        yield row["key"].removeprefix(prefix), value if isinstance(value, dict) else None


def _chat(file: File, chat: dict[str, Any]) -> Iterator[Entry]:
    """Yield the messages listed by a chat; others with its id are leftovers."""
    number = chat["composerId"]
    headers = chat.get("fullConversationHeadersOnly")
    if headers is None:  # older chats hold their messages
        yield from read_each(chat.get("conversation") or [], lambda one: [_message(one, chat)])
        return
    if headers:
        messages = dict(_stored(file, f"bubbleId:{number}:"))
        listed = [messages.get(one["bubbleId"]) for one in headers]
        yield from read_each(listed, lambda one: [_message(one, chat)])


def _message(message: dict[str, Any], chat: dict[str, Any]) -> Entry:
    text = message.get("text") or message.get("rawText") or ""
    return Entry(
        f"{chat['composerId']}\0{message['bubbleId']}",
        chat["composerId"],
        _ROLES[message["type"]],
        text,
        message.get("createdAt") or chat.get("createdAt"),
        metadata={"title": chat.get("name")},
        left_out="tools" if message.get("toolFormerData") and not text else "",
    )


CURSOR = ImportFormat("cursor", _recognizes, _read, in_projects=True, of_client=True)

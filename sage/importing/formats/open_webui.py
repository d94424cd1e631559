"""Open WebUI: the list of chats that it exports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sage.importing.entries import Entry, each
from sage.importing.json_stream import read_records
from sage.importing.source import Format
from sage.importing.trees import Node, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.importing.files import File
    from sage.importing.sample import Sample

_THOUGHTS = re.compile(r"<details type=\"reasoning\".*?</details>\s*", re.DOTALL)


def _recognizes(sample: Sample) -> bool:
    chat = sample.first.get("chat")
    return isinstance(chat, dict) and ("history" in chat or "messages" in chat)


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from each(read_records(stream), _chat)


def _chat(chat: dict[str, Any]) -> Iterator[Entry]:
    history = chat["chat"].get("history") or {}
    messages = history.get("messages")
    if not messages:  # of old chats there is only a list
        listed = chat["chat"].get("messages") or []
        before = [None, *(one["id"] for one in listed)]
        messages = {one["id"]: {**one, "parentId": before[at]} for at, one in enumerate(listed)}
    nodes = {
        key: Node(one.get("parentId"), _entries(key, one, chat)) for key, one in messages.items()
    }
    return read_tree(nodes, history.get("currentId"))


def _entries(key: str, message: dict[str, Any], chat: dict[str, Any]) -> tuple[Entry, ...]:
    return (
        Entry(
            key,
            chat["id"],
            message["role"],
            _THOUGHTS.sub("", message.get("content") or ""),
            message.get("timestamp") or chat.get("created_at"),
            metadata={
                "title": chat.get("title"),
                "model": message.get("model"),
                "tags": (chat.get("meta") or {}).get("tags"),
            },
        ),
    )


OPEN_WEBUI = Format("open-webui", _recognizes, _read)

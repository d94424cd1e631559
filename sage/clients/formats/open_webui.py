"""Open WebUI: its exported list of chats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.trees import by_id, nodes_of, read_tree
from sage.clients.transcripts.claude_code import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_WORK = re.compile(
    r"<details type=\"(?:reasoning|tool_calls|code_interpreter)\".*?</details>\s*", re.DOTALL
)
"""Parts of an answer that were not said: thoughts, calls of tools, code that was run."""


def _recognizes(sample: SourceSample) -> bool:
    chat = sample.first.get("chat")
    return isinstance(chat, dict) and ("history" in chat or "messages" in chat)


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from read_each(read_records(stream), _chat)


def _chat(chat: dict[str, Any]) -> Iterator[Entry]:
    history = chat["chat"].get("history") or {}
    messages = history.get("messages")
    if not messages:  # of old chats there is only a list
        listed = by_id(chat["chat"].get("messages") or [], "id")
        before = [None, *listed]
        messages = {
            key: {**one, "parentId": before[at]} if isinstance(one, dict) else one
            for at, (key, one) in enumerate(listed.items())
        }
    nodes = nodes_of(messages, "parentId", lambda one, key: _entries(key, one, chat))
    return read_tree(nodes, history.get("currentId"))


def _entries(key: str, message: dict[str, Any], chat: dict[str, Any]) -> tuple[Entry, ...]:
    session = str(chat.get("id") or "")
    return (
        Entry(
            f"{session}{key}" if key.startswith("#") else key,
            session,
            message["role"],
            _WORK.sub("", text_of(message.get("content"))),
            message.get("timestamp") or chat.get("created_at"),
            metadata={
                "title": chat.get("title"),
                "model": message.get("model"),
                "tags": (chat.get("meta") or {}).get("tags"),
            },
        ),
    )


OPEN_WEBUI = ImportFormat("open-webui", _recognizes, _read)

"""Cherry Studio: the data.json of its backup."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_TOPIC = "topic:"


def _recognizes(sample: SourceSample) -> bool:
    return sample.has("indexedDB", "localStorage")


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from read_each(read_records(stream), _backup)


def _backup(backup: dict[str, Any]) -> Iterator[Entry]:
    """Yield the messages of all topics; nothing else is read, since a backup contains API keys."""
    database = backup["indexedDB"]
    if isinstance(database, list):  # version 1
        blocks = {}
        topics = [one["value"] for one in database if str(one["key"]).startswith(_TOPIC)]
    else:
        stored = database.get("message_blocks") or []
        blocks = {one["id"]: one for one in stored if isinstance(one, dict) and "id" in one}
        topics = database["topics"]
    titles = _titles(backup["localStorage"])

    def topic(one: dict[str, Any]) -> Iterator[Entry]:
        return read_each(one["messages"], lambda message: _message(message, one, titles, blocks))

    return read_each(topics, topic)


def _message(
    message: dict[str, Any], topic: dict[str, Any], titles: dict[str, str], blocks: dict[str, Any]
) -> Iterator[Entry]:
    own = [blocks[key] for key in message.get("blocks") or [] if key in blocks]
    model = message.get("model") or {}
    for kind, left_out in (("main_text", ""), ("thinking", "thinking")):
        texts = [one["content"] for one in own if one["type"] == kind and one.get("content")]
        if not texts and not left_out and message.get("content"):
            texts = [message["content"]]
        if texts or not left_out:
            failed = any(one["type"] == "error" for one in own)
            yield Entry(
                message["id"] + (f"\0{left_out}" if left_out else ""),
                topic["id"],
                message["role"],
                "\n\n".join(texts),
                message.get("createdAt"),
                metadata={
                    "title": titles.get(topic["id"]) or topic.get("name"),
                    "model": model.get("id") if isinstance(model, dict) else model,
                },
                left_out=left_out or ("errors" if failed and not texts else ""),
            )


def _titles(storage: dict[str, Any]) -> dict[str, str]:
    """Read the titles of topics from JSON inside JSON inside JSON."""
    try:
        persisted = json.loads(storage["persist:cherry-studio"])
        assistants = json.loads(persisted["assistants"])["assistants"]
        return {one["id"]: one["name"] for each_ in assistants for one in each_.get("topics") or []}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


CHERRY_STUDIO = ImportFormat("cherry-studio", _recognizes, _read)

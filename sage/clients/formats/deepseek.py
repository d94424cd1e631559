"""DeepSeek: conversations.json, a list of trees like ChatGPT's, with other messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.trees import nodes_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_SPEECH = {"REQUEST": "user", "RESPONSE": "assistant"}


def _recognizes(sample: SourceSample) -> bool:
    return isinstance(sample.first.get("mapping"), dict) and sample.has("inserted_at")


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from read_each(read_records(stream), _conversation)


def _conversation(conversation: dict[str, Any]) -> Iterator[Entry]:
    nodes = nodes_of(
        conversation["mapping"],
        "parent",
        lambda node, key: _entries(key, node.get("message"), conversation),
    )
    return read_tree(nodes)


def _entries(
    key: str, message: dict[str, Any] | None, conversation: dict[str, Any]
) -> Iterator[Entry]:
    """Yield the text and the thinking of a node; ids are unique only within a conversation."""
    session = str(conversation["id"])
    if message is None:
        return
    fragments = message.get("fragments") or _fragments_of(message)
    for kind, left_out in (("speech", ""), ("thinking", "thinking")):
        chosen = [
            one
            for one in fragments
            if (one["type"] in _SPEECH if not left_out else one["type"] == "THINK")
        ]
        texts = [str(one["content"]) for one in chosen if one.get("content")]
        if texts or not left_out:
            yield Entry(
                f"{session}\0{key}" + (f"\0{kind}" if left_out else ""),
                session,
                _SPEECH.get(chosen[0]["type"], "assistant") if chosen else "assistant",
                "\n\n".join(texts),
                message.get("inserted_at") or conversation.get("inserted_at"),
                metadata={"title": conversation.get("title"), "model": message.get("model")},
                left_out=left_out,
            )


def _fragments_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fragments of a message of an old export, which has none."""
    thought = message.get("reasoning_content") or message.get("thinking_content")
    kind = "REQUEST" if str(message.get("role")).lower() == "user" else "RESPONSE"
    return [{"type": "THINK", "content": thought}, {"type": kind, "content": message["content"]}]


DEEPSEEK = ImportFormat("deepseek", _recognizes, _read)

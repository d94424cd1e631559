"""LibreChat: one conversation per file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.trees import by_id, nodes_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample


def _recognizes(sample: SourceSample) -> bool:
    return sample.has("conversationId") and not sample.first.keys().isdisjoint(
        {"messages", "messagesTree"}
    )


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from read_each(read_records(stream), _conversation)


def _conversation(conversation: dict[str, Any]) -> Iterator[Entry]:
    messages = conversation.get("messages") or conversation["messagesTree"]
    nodes = nodes_of(
        by_id(_flat(messages), "messageId"),
        "parentMessageId",
        lambda one, _: _entries(one, conversation),
    )
    return read_tree(nodes)


def _flat(messages: list[Any]) -> Iterator[Any]:
    """Yield messages and nested ones: an export may be a tree under either name."""
    waiting = [*reversed(messages)]
    while waiting:
        message = waiting.pop()
        yield message
        waiting += reversed(message.get("children") or []) if isinstance(message, dict) else []


def _entries(message: dict[str, Any], conversation: dict[str, Any]) -> Iterator[Entry]:
    content = message.get("content")
    blocks = [one for one in content or [] if isinstance(one, dict)]
    said = "\n\n".join(filter(None, (_text(one, "text") for one in blocks)))
    thought = "\n\n".join(filter(None, (_text(one, "think") for one in blocks)))
    said = said or message.get("text") or (content if isinstance(content, str) else "")
    for left_out, text in (("", said), ("thinking", thought)):
        if text or not left_out:
            yield Entry(
                message["messageId"] + (f"\0{left_out}" if left_out else ""),
                conversation["conversationId"],
                "user" if message.get("isCreatedByUser") else "assistant",
                text,
                message.get("createdAt"),
                metadata={"title": conversation.get("title"), "model": message.get("model")},
                left_out=left_out or ("tools" if blocks and not text else ""),
            )


def _text(block: dict[str, Any], kind: str) -> str:
    """Return the text of a block of a kind: a string, or an object with one."""
    if block.get("type") != kind:
        return ""
    text = block.get(kind)
    return str(text.get("value") or "") if isinstance(text, dict) else str(text or "")


LIBRECHAT = ImportFormat("librechat", _recognizes, _read)

"""ChatGPT: conversations.json, several such files, or the zip of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.trees import nodes_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_CITATION = re.compile("\ue200.*?\ue201", re.DOTALL)
_KINDS = {
    "thoughts": "thinking",
    "reasoning_recap": "thinking",
    "user_editable_context": "profile",
    "model_editable_context": "profile",
}
_TEXTS = ("text", "content", "user_profile", "user_instructions", "model_set_context")


def _recognizes(sample: SourceSample) -> bool:
    listed = sample.first.get("conversations")
    first = listed[0] if isinstance(listed, list) and listed else sample.first
    match first:
        case {"inserted_at": _}:
            return False
        case {"mapping": {}}:
            return True
    return False


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from read_each(read_records(stream, "conversations"), _conversation)


def _conversation(conversation: dict[str, Any]) -> Iterator[Entry]:
    nodes = nodes_of(
        conversation["mapping"],
        "parent",
        lambda node, key: _entries(key, node.get("message"), conversation),
    )
    return read_tree(nodes, conversation.get("current_node"))


def _entries(node: str, message: Any, conversation: dict[str, Any]) -> Iterator[Entry]:  # noqa: ANN401 - as it comes
    if not isinstance(message, dict):
        return
    content, author = message.get("content"), message.get("author")
    role = str(author.get("role")) if isinstance(author, dict) else ""
    content = content if isinstance(content, dict) else {}
    text = _CITATION.sub("", "\n\n".join(filter(None, map(_part, _parts(content)))))
    left_out = _reason(role, content, message, conversation)
    yield Entry(
        # Every conversation repeats the user's custom instructions.
        text if left_out == "profile" else str(message.get("id") or node),
        str(conversation.get("conversation_id") or conversation.get("id") or ""),
        role,
        text,
        message.get("create_time") or conversation.get("create_time"),
        metadata={"title": str(conversation.get("title") or "")[:200]},
        left_out=left_out,
    )


def _reason(
    role: str, content: dict[str, Any], message: dict[str, Any], conversation: dict[str, Any]
) -> str:
    metadata = message.get("metadata")
    kind = content.get("content_type")
    if conversation.get("is_do_not_remember"):
        return "not to be remembered"
    if kind in _KINDS:
        return _KINDS[kind]
    hidden = isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation")
    if hidden or message.get("weight") == 0:
        return "hidden"
    if role not in {"user", "assistant"} or message.get("recipient") not in {None, "all"}:
        return "tools"
    return "" if kind in {"text", "multimodal_text"} else "tools"


def _parts(content: dict[str, Any]) -> Iterator[object]:
    """Yield all parts of a message with text, of any kind."""
    for name in ("parts", "thoughts"):
        listed = content.get(name)
        yield from listed if isinstance(listed, list) else ()
    yield from (content.get(name) for name in _TEXTS)


def _part(part: object) -> str:
    match part:
        case str():
            return part
        case {"content_type": "image_asset_pointer"}:
            return "[image]"
        case {"content_type": "audio_transcription", "text": str(text)}:
            return text
        case {"summary": _, "content": str(thought)}:
            return thought
    return ""


CHATGPT = ImportFormat("chatgpt", _recognizes, _read)

"""The export of claude.ai: conversations, projects and memories, in one zip or in several."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sage.clients.reading.format import Entry, ImportFormat, read_each
from sage.clients.reading.json_stream import read_records
from sage.clients.reading.trees import by_id, nodes_of, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.clients.reading.files import File
    from sage.clients.reading.sample import SourceSample

_ROLES = {"human": "user", "assistant": "assistant"}
_HEADER = re.compile(r"^\*\*(?P<title>[^*\n]+)\*\*[ \t]*$", re.MULTILINE)


def _recognizes(sample: SourceSample) -> bool:
    return (
        sample.has("uuid", "chat_messages")
        or sample.has("conversations_memory")
        or sample.has("uuid", "prompt_template", "docs")
    )


def _read(file: File) -> Iterator[Entry]:
    with file.open() as stream:
        yield from read_each(read_records(stream), _element)


def _element(element: dict[str, Any]) -> Iterator[Entry]:
    if "chat_messages" in element:
        return _conversation(element)
    if "docs" in element:
        return _project(element)
    return _memories(element)


def _conversation(conversation: dict[str, Any]) -> Iterator[Entry]:
    messages = by_id(conversation["chat_messages"], "uuid")
    nodes = nodes_of(messages, "parent_message_uuid", lambda one, _: _entries(one, conversation))
    if not any(node.parent for node in nodes.values()):  # older exports hold a list
        parents = [None, *nodes]
        nodes = {key: replace(nodes[key], parent=parents[at]) for at, key in enumerate(nodes)}
    return read_tree(nodes, conversation.get("current_leaf_message_uuid"))


def _entries(message: dict[str, Any], conversation: dict[str, Any]) -> Iterator[Entry]:
    blocks = [one for one in message.get("content") or [] if isinstance(one, dict)]
    said = _joined(blocks, "text") or str(message.get("text") or "")
    attached = [one.get("extracted_content") for one in message.get("attachments") or []]
    texts = {
        "": "\n\n".join(filter(None, (said, *attached))),
        "thinking": _joined(blocks, "thinking"),
        "tools": "\n\n".join(filter(None, map(_call, blocks))),
    }
    for left_out, text in texts.items():
        if text or not (left_out or any(texts.values())):
            yield Entry(
                message["uuid"] + (f"\0{left_out}" if left_out else ""),
                str(conversation["uuid"]),
                _ROLES[message["sender"]],
                text,
                message.get("created_at") or conversation.get("created_at"),
                metadata={"title": conversation.get("name")},
                left_out=left_out,
            )


def _call(block: dict[str, Any]) -> str:
    """Return the request to a tool, or its result; empty for other blocks."""
    match block:
        case {"type": "tool_use", "name": name, "input": asked}:
            return f"{name}: {json.dumps(asked, ensure_ascii=False)}"
        case {"type": "tool_result", "content": list(answered)}:
            return _joined([one for one in answered if isinstance(one, dict)], "text")
    return ""


def _joined(blocks: list[dict[str, Any]], kind: str) -> str:
    return "\n\n".join(one[kind] for one in blocks if one.get("type") == kind and one.get(kind))


def _project(project: dict[str, Any]) -> Iterator[Entry]:
    """Yield the documents and the instructions of a project, which memories name by its id."""
    left_out = "examples" if project.get("is_starter_project") else ""
    session, name = f"project:{project['uuid']}", project.get("name")
    texts = [("", project.get("prompt_template"), project.get("created_at"))]
    texts += [
        (one["filename"], one.get("content"), one.get("created_at")) for one in project["docs"]
    ]
    for title, text, said_at in texts:
        if text:
            yield Entry(
                f"{session}\0{title}\0{text}",
                session,
                "assistant" if title else "user",
                text,
                said_at,
                metadata={"project": project["uuid"], "project_name": name, "title": title},
                left_out=left_out,
            )


def _memories(memories: dict[str, Any]) -> Iterator[Entry]:
    """Yield Claude's memories, one for each header in bold."""
    projects = memories.get("project_memories") or {}
    pairs = projects.items() if isinstance(projects, dict) else enumerate(projects)
    for project, memory in (("", memories.get("conversations_memory")), *pairs):
        text = memory.get("memory") if isinstance(memory, dict) else memory
        pieces = _HEADER.split(str(text or ""))
        sections = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
        for title, section in sections:
            if section.strip():
                body = f"{title}\n{section.strip()}" if title else section.strip()
                yield Entry(
                    f"memory\0{project}\0{body}", "memory", text=body, metadata={"project": project}
                )


CLAUDE = ImportFormat("claude", _recognizes, _read)

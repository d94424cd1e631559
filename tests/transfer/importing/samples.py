"""A sample of every source, and what is read of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.transfer.importing import sample_databases, sample_exports, sample_notes
from tests.transfer.importing.sample_files import write

_TRANSCRIPTS = Path(__file__).parents[2] / "clients/hooks/samples"

EXPECTED = {
    "claude": (sample_exports.claude, 12, {"branches": 2, "thinking": 1, "tools": 1, "empty": 1}),
    "claude-in-parts": (
        sample_exports.claude_in_parts,
        12,
        {"branches": 2, "thinking": 1, "tools": 1, "empty": 1},
    ),
    "mcp-memory": (sample_notes.mcp_memory, 10, {"empty": 2, "unreadable": 3}),
    "sage-original": (sample_notes.original_csv, 5, {"empty": 1}),
    "deepseek": (sample_exports.deepseek, 3, {"branches": 1, "thinking": 1, "unreadable": 2}),
    "cherry-studio": (sample_exports.cherry_studio, 3, {"thinking": 1, "errors": 1}),
    "mcp-memory-service": (sample_databases.mcp_memory_service, 3, {"deleted": 2, "unreadable": 1}),
    "basic-memory": (sample_notes.basic_memory, 5, {}),
    "claude-code-memory": (sample_notes.auto_memory, 1, {"index": 1}),
    "memory-tool": (sample_notes.memory_tool, 2, {}),
    "memory-list": (sample_notes.memory_list, 3, {}),
    "notes": (sample_notes.notes, 6, {}),
    "csv": (sample_notes.csv, 4, {"ambiguous date": 1, "empty": 1}),
    "mem0": (sample_notes.mem0, 3, {}),
    "mem0-history": (sample_databases.mem0_history, 2, {"deleted": 1}),
    "mempalace": (sample_databases.mempalace, 3, {"bookkeeping": 1}),
    "claude-mem": (sample_databases.claude_mem, 3, {}),
    "open-webui": (sample_exports.open_webui, 3, {"branches": 1}),
    "librechat": (sample_exports.librechat, 4, {"branches": 1, "thinking": 1}),
    "gemini": (sample_exports.gemini, 5, {"activities": 2}),
    "cursor": (sample_databases.cursor, 3, {"tools": 1, "unreadable": 1}),
}


def _chatgpt(folder):
    def node(key, parent, role):
        content = {"content_type": "text", "parts": [f"{role} says {key}"]}
        message = {"id": key, "author": {"role": role}, "create_time": 1.7e9, "content": content}
        return {key: {"id": key, "parent": parent, "message": message}}

    mapping = node("u", None, "user") | node("a", "u", "assistant") | node("b", "a", "user")
    one = {"conversation_id": "c", "mapping": mapping, "current_node": "b"}
    return write(folder / "conversations.json", [one])


def _transcript(source):
    def make(folder):
        path = folder / f"{source}.jsonl"
        shutil.copy(_TRANSCRIPTS / path.name, path)
        return path

    return make


MAKERS = {
    **{name: make for name, (make, *_) in EXPECTED.items()},
    "chatgpt": _chatgpt,
    **{
        source: _transcript(source)
        for source in ("claude-code", "codex", "gemini-cli", "qwen-code", "copilot")
    },
}
"""Each writes a sample into a folder and returns what to import."""

"""The names of programs in the help of `sage import`; separate, since help loads no format."""

from __future__ import annotations

from sage.phrases import phrase

SOURCES = phrase(
    "exports of ChatGPT, Claude, DeepSeek, Gemini (Takeout), Cherry Studio, Open WebUI "
    "and LibreChat;\ntranscripts of Claude Code, Codex, Gemini CLI, Qwen Code and "
    "Copilot CLI, and chats of Cursor;\nmemories of the MCP memory server, "
    "mcp-memory-service, mem0, MemPalace, claude-mem, basic-memory,\nClaude Code and "
    "Claude's memory tool; directories of Markdown and text, CSV; and the first "
    "version\nof Sage, or the URL of its database"
)
"""The descriptions of these formats' files in the help of `sage import`."""

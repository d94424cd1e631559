"""Which program wrote a file, by what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.clients.formats.chatgpt import CHATGPT
from sage.clients.formats.cherry_studio import CHERRY_STUDIO
from sage.clients.formats.claude_export import CLAUDE
from sage.clients.formats.claude_mem import CLAUDE_MEM
from sage.clients.formats.csv_notes import CSV_NOTES
from sage.clients.formats.cursor import CURSOR
from sage.clients.formats.deepseek import DEEPSEEK
from sage.clients.formats.gemini_takeout import GEMINI_TAKEOUT
from sage.clients.formats.librechat import LIBRECHAT
from sage.clients.formats.markdown import (
    AUTO_MEMORY,
    BASIC_MEMORY,
    MEMORY_LIST,
    MEMORY_TOOL,
    NOTES,
)
from sage.clients.formats.mcp_memory import MCP_MEMORY
from sage.clients.formats.mcp_memory_service import MCP_MEMORY_SERVICE
from sage.clients.formats.mem0 import MEM0
from sage.clients.formats.mempalace import MEMPALACE
from sage.clients.formats.open_webui import OPEN_WEBUI
from sage.clients.formats.sage_original import SAGE_ORIGINAL
from sage.clients.formats.transcripts import TRANSCRIPTS
from sage.clients.reading.unsupported import known_refusals, own_export

if TYPE_CHECKING:
    from sage.clients.reading.format import ImportFormat
    from sage.clients.reading.sample import SourceSample
    from sage.errors import InvalidInputError

OF_ANYONE = (CSV_NOTES, NOTES)
"""Formats that are no program's own: any table, any text."""

_FORMATS = (
    *TRANSCRIPTS,
    *(DEEPSEEK, CHATGPT, CLAUDE, MCP_MEMORY, SAGE_ORIGINAL, CHERRY_STUDIO),
    *(MCP_MEMORY_SERVICE, MEM0, MEMPALACE, CLAUDE_MEM, OPEN_WEBUI, LIBRECHAT),
    *(GEMINI_TAKEOUT, CURSOR, BASIC_MEMORY, AUTO_MEMORY, MEMORY_TOOL, MEMORY_LIST),
    *OF_ANYONE,
)


def format_of(sample: SourceSample) -> tuple[ImportFormat | None, list[InvalidInputError]]:
    """Return the format of a file, or why it is known that it cannot be read as one.

    Raises OSError, InvalidInputError.
    """
    if refusal := own_export(sample):
        return None, [refusal]
    format_ = next((one for one in _FORMATS if one.recognizes(sample)), None)
    return format_, [] if format_ else [*known_refusals(sample)]

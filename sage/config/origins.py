"""Where a value comes from that no file holds: English as a key, and said to who reads it."""

from __future__ import annotations

from sage.phrases import phrase

COMMAND_LINE = phrase("command line")
DEFAULT = phrase("default")
ENVIRONMENT = phrase("environment")
LAST_START = phrase("last start")

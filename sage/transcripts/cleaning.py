"""Take out of a message what nobody said: blocks that clients and hooks put in, private parts."""

from __future__ import annotations

import re

FENCE = "sage-recall"
"""The name of the block in which hooks put memories into a prompt."""

_INJECTED = (
    *(FENCE, "sage-memories", "hook_context", "qwen:user-prompt-submit-context"),
    *("system-reminder", "system_reminder", "user-prompt-submit-hook"),
    *("ide_opened_file", "ide_selection", "ide_diagnostics"),
)
_BLOCK = re.compile(
    rf"<({'|'.join(map(re.escape, _INJECTED))})(?:\s[^>]*)?>.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_PRIVATE = re.compile(r"<private>.*?(?:</private\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_WRAPPED = re.compile(r"<user_input\b[^>]*>(.*?)</user_input>", re.DOTALL)
_IDE = re.compile(
    r"\A# Context from my IDE setup:.*?^## My request for Codex:\s*", re.DOTALL | re.MULTILINE
)
_GAP = re.compile(r"\n{3,}")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What Postgres cannot hold in a text: NUL, and halves of characters."""

NOISE = (
    *("<command-name>", "<command-message>", "<command-args>", "<local-command-stdout>"),
    *("<local-command-stderr>", "<local-command-caveat>", "<bash-input>", "<bash-stdout>"),
    *("<bash-stderr>", "<task-notification>", "<user_shell_command>", "<user_action>"),
    *("<environment_context>", "<user_instructions>", "# AGENTS.md instructions"),
    *("<turn_aborted>", "<subagent_notification>", "<skill>", "<session_context>"),
    *("<permissions instructions>", "[Request interrupted by user"),
    "This session is being continued from a previous conversation that ran out of context",
)
"""How messages begin that a client wrote in a user's name."""


def spoken(text: str) -> str:
    """Return what was said in a message and may be kept; empty for noise of a client.

    What stands between `<private>` and `</private>` is left out, also where the end is missing.
    """
    if "<" in text:  # most messages hold none of it, and looking is cheaper than matching
        text = _PRIVATE.sub("", _BLOCK.sub("", text))
        if wrapped := _WRAPPED.search(text):
            text = wrapped.group(1)
    if text.startswith("#"):
        text = _IDE.sub("", text)
    if text.lstrip().startswith(NOISE):
        return ""
    text = UNSTORABLE.sub(lambda found: "" if found.group() == "\0" else "\ufffd", text)
    return (_GAP.sub("\n\n", text) if "\n\n\n" in text else text).strip()

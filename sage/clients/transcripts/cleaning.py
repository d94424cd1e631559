"""Remove blocks added by clients and hooks, and private parts, from a message."""

from __future__ import annotations

import re

FENCE = "sage-recall"
"""The name of the block in which hooks put memories into a prompt."""

INJECTED = (
    *(FENCE, "sage-memories", "hook_context", "qwen:user-prompt-submit-context"),
    *("system-reminder", "system_reminder", "user-prompt-submit-hook"),
    *("ide_opened_file", "ide_selection", "ide_diagnostics"),
)
_BLOCK = re.compile(
    rf"<(?:{'|'.join(f'({re.escape(name)})' for name in INJECTED)})(?=[\s>])", re.IGNORECASE
)
_ENDS = [re.compile(rf"</{re.escape(name)}\s*>", re.IGNORECASE) for name in INJECTED]
_PRIVATE = re.compile(r"<private>.*?(?:</private\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_WRAPPED = re.compile(r"<user_input\b")
_WRAPPED_END = "</user_input>"
_IDE = re.compile(
    r"\A# Context from my IDE setup:.*?^## My request for Codex:\s*", re.DOTALL | re.MULTILINE
)
_GAP = re.compile(r"\n{3,}")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that Postgres cannot store in a text: NUL, and lone surrogates."""

NOISE = (
    *("<command-name>", "<command-message>", "<command-args>", "<local-command-stdout>"),
    *("<local-command-stderr>", "<local-command-caveat>", "<bash-input>", "<bash-stdout>"),
    *("<bash-stderr>", "<task-notification>", "<user_shell_command>", "<user_action>"),
    *("<environment_context>", "<user_instructions>", "# AGENTS.md instructions"),
    *("<turn_aborted>", "<subagent_notification>", "<skill>", "<session_context>"),
    *("<permissions instructions>", "[Request interrupted by user"),
    "This session is being continued from a previous conversation that ran out of context",
)
"""Beginnings of messages that a client wrote in a user's name."""


def spoken(text: str) -> str:
    """Return what was actually said in a message; empty if only a client wrote it.

    Text between `<private>` and `</private>` is left out, to the end of the text if unclosed.
    """
    if "<" in text:  # most messages hold none of it, and looking is cheaper than matching
        text = _unwrapped(_PRIVATE.sub("", _without_blocks(text)))
    if text.startswith("#"):
        text = _IDE.sub("", text)
    if text.lstrip().startswith(NOISE):
        return ""
    text = UNSTORABLE.sub(lambda found: "" if found.group() == "\0" else "\ufffd", text)
    return (_GAP.sub("\n\n", text) if "\n\n\n" in text else text).strip()


def _without_blocks(text: str) -> str:
    """Remove the blocks that clients and hooks add; an unclosed one extends to the end.

    A single pattern for whole blocks would scan to the end of the text from every tag.
    """
    parts = []
    done = 0
    while found := _BLOCK.search(text, done):
        opened = text.find(">", found.end())
        if opened < 0:
            break
        parts.append(text[done : found.start()])
        end = _ENDS[(found.lastindex or 0) - 1].search(text, opened + 1)
        done = len(text) if end is None else end.end()
    return "".join([*parts, text[done:]])


def _unwrapped(text: str) -> str:
    """Return the content of a client's first element that contains what a user wrote."""
    if found := _WRAPPED.search(text):
        opened = text.find(">", found.end())
        end = text.find(_WRAPPED_END, opened + 1)
        if opened >= 0 and end >= 0:
            return text[opened + 1 : end]
    return text

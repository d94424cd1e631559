"""Transcripts in which a user went back, or interrupted, as the clients write them down."""

import json

_TIME = "2026-11-29T10:21:15.000Z"
WRONG = "Wrong: the theta service is written in COBOL."
RIGHT = "The theta service is written in Rust."


def claude(key, parent, kind, text="", **more):
    """Return a line of Claude Code; one without text calls a tool, or is about the session."""
    blocks = [{"type": "text", "text": text}] if text else [{"type": "tool_use", "name": "Bash"}]
    message = {"role": kind, "content": text if kind == "user" and text else blocks}
    told = {"message": message} if kind in {"user", "assistant"} else {}
    common = {"sessionId": "s", "timestamp": _TIME, "cwd": "/nowhere"}
    return {"parentUuid": parent, "type": kind, "uuid": key, **told, **common, **more}


def qwen(key, parent, kind, text="", **more):
    parts = [{"text": text}] if text else [{"functionCall": {}}]
    role = "model" if kind == "assistant" else kind
    told = {"message": {"role": role, "parts": parts}} if kind != "system" else {}
    common = {"sessionId": "s", "timestamp": _TIME, "cwd": "/nowhere"}
    return {"uuid": key, "parentUuid": parent, "type": kind, **told, **common, **more}


def codex(key, role, text):
    content = [{"type": "input_text" if role == "user" else "output_text", "text": text}]
    payload = {"type": "message", "id": key, "role": role, "content": content}
    return {"timestamp": _TIME, "type": "response_item", "payload": payload}


def codex_event(kind, **more):
    return {"timestamp": _TIME, "type": "event_msg", "payload": {"type": kind, **more}}


def codex_meta(**more):
    return {"timestamp": _TIME, "type": "session_meta", "payload": {"id": "s", "cwd": "/x", **more}}


def gemini(key, kind, text):
    content = text if kind == "gemini" else [{"text": text}]
    return {"id": key, "timestamp": _TIME, "type": kind, "content": content}


def gemini_history(*keys):
    text = "<session_context>Today is Sunday.</session_context>"
    return {"$set": {"messages": [gemini(key, "user", text) for key in keys]}}


def copilot(key, kind, text):
    data = {"messageId": key, "content": text}
    return {"type": kind, "data": data, "id": f"event-{key}", "timestamp": _TIME}


_GEMINI = {"sessionId": "s", "projectHash": "h", "startTime": _TIME}
_COPILOT = {"type": "session.start", "data": {"sessionId": "s", "context": {"cwd": "/x"}}}

TAKEN_BACK = {
    "Claude Code, the first prompt": (
        "claude-code",
        [
            claude("h", None, "attachment"),
            claude("1", "h", "user", WRONG),
            claude("1a", "1", "attachment"),
            claude("2", "1a", "assistant", "COBOL, noted."),
            claude("2a", "2", "system", subtype="turn_duration"),
            claude("3", "h", "user", RIGHT),
            claude("4", "3", "assistant", "Rust, noted."),
        ],
        {"3": {"1", "2"}},
    ),
    "Claude Code, twice, and an answer with several texts": (
        "claude-code",
        [
            claude("1", None, "user", "Where do herons nest?"),
            claude("2", "1", "assistant", "By the mill."),
            claude("3", "2", "user", WRONG),
            claude("4", "3", "assistant", "Let me look."),
            claude("5", "4", "assistant"),
            claude("6", "5", "user", "", toolUseResult="x"),
            claude("7", "6", "assistant", "COBOL."),
            claude("8", "2", "user", "Wrong again."),
            claude("9", "2", "user", RIGHT),
            claude("10", "9", "assistant", "Rust."),
        ],
        {"8": {"3", "4", "7"}, "9": {"8"}},
    ),
    "Claude Code, interrupted before anything came of it": (
        "claude-code",
        [
            claude("1", None, "user", WRONG),
            claude("2", "1", "user", "[Request interrupted by user]"),
            claude("3", "2", "user", RIGHT),
        ],
        {"3": {"1"}},
    ),
    "Claude Code, interrupted at work: the prompt holds": (
        "claude-code",
        [
            claude("1", None, "user", "Install what is missing."),
            claude("2", "1", "assistant"),
            claude("3", "2", "user", "[Request interrupted by user for tool use]"),
            claude("4", "3", "user", "With pnpm, please."),
        ],
        {},
    ),
    "Claude Code, compaction, tools side by side, and another agent's work": (
        "claude-code",
        [
            claude("1", None, "user", "Look at both files."),
            claude("2", "1", "assistant", "Two calls."),
            claude("3", "2", "assistant"),
            claude("4", "2", "user", "", toolUseResult="x"),
            claude("5", "3", "user", "", toolUseResult="x"),
            claude("x", None, "user", "Look for it.", isSidechain=True),
            claude("6", "4", "assistant", "Both are empty."),
            claude("7", None, "system", subtype="compact_boundary", logicalParentUuid="6"),
            claude("8", "7", "user", "A summary.", isCompactSummary=True),
            claude("9", "8", "user", "And the third?"),
        ],
        {},
    ),
    "Qwen Code": (
        "qwen-code",
        [
            qwen("1", None, "user", "Where do herons nest?"),
            qwen("2", "1", "assistant", "By the mill."),
            qwen("3", "2", "user", WRONG),
            qwen("4", "3", "system", subtype="ui_telemetry"),
            qwen("5", "4", "assistant", "COBOL."),
            qwen("6", "2", "system", subtype="rewind"),
            qwen("7", "6", "system", subtype="file_history_snapshot"),
            qwen("8", "7", "user", RIGHT),
        ],
        {"8": {"3", "5"}},
    ),
    "Codex, the latest turn": (
        "codex",
        [
            codex_meta(),
            codex("1", "user", "Where do herons nest?"),
            codex("2", "assistant", "By the mill."),
            codex("3", "user", WRONG),
            codex("4", "assistant", "COBOL."),
            codex_event("thread_rolled_back", num_turns=1),
            codex("5", "user", RIGHT),
        ],
        {"5": {"3", "4"}},
    ),
    "Codex, interrupted": (
        "codex",
        [
            codex_meta(),
            codex("1", "user", WRONG),
            codex("2", "user", "<turn_aborted>\nThe user interrupted it.</turn_aborted>"),
            codex("3", "user", RIGHT),
            {"type": "response_item", "payload": {"type": "function_call"}},
            codex("4", "user", "<turn_aborted>\nThe user interrupted it.</turn_aborted>"),
            codex("5", "user", "And look at the other one."),
        ],
        {"3": {"1"}},
    ),
    "Gemini CLI": (
        "gemini-cli",
        [
            _GEMINI,
            gemini("1", "user", "Where do herons nest?"),
            gemini("2", "gemini", "By the mill."),
            gemini("3", "user", WRONG),
            gemini("4", "gemini", "COBOL."),
            {"$rewindTo": "3"},
            {"$rewindTo": "unknown"},
            gemini("5", "user", RIGHT),
            gemini("6", "gemini", "Rust."),
            gemini("7", "user", "And kappa?"),
            gemini_history("0", "1", "2", "5", "6"),
            gemini("8", "user", "Tell me of lambda."),
            gemini("9", "gemini", "No."),
            gemini_history("a summary"),
            gemini_history("0", "1"),
            gemini("10", "user", "And mu?"),
        ],
        {"5": {"3", "4"}, "8": {"7"}},
    ),
    "Copilot CLI": (
        "copilot",
        [
            _COPILOT,
            copilot("1", "user.message", WRONG),
            copilot("2", "assistant.message", "COBOL."),
            {"type": "session.snapshot_rewind", "data": {"upToEventId": "event-1"}},
            copilot("3", "user.message", "And kappa?"),
            {"type": "abort", "data": {"reason": "user initiated"}},
            copilot("4", "user.message", RIGHT),
        ],
        {"3": {"1", "2"}, "4": {"3"}},
    ),
}
"""By name: the client, the lines, and by the key of each prompt what it replaces."""


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path

"""The differences between clients at their events: one row for each client with hooks.

Their transcripts are read by `sage.clients.transcripts`, their files changed by `connect`.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False  # as elsewhere in hooks
if TYPE_CHECKING:
    from collections.abc import Mapping


class HookClient(NamedTuple):
    """How a client calls hooks and reads their output; by default like Claude Code.

    `writes_as` is the client whose transcript format it uses, if another. A client that
    `sends_texts` has no transcripts: events contain the text. Only some show messages to their
    users (`shows_messages`), or accept memories before a prompt (`takes_at_prompt`). Some ignore
    what is recalled at the start of a session, or when it is resumed, and get it at the first
    prompt (`opens_at_prompt`). An answer is under `answer_key` alone, else beside the name of the
    event, which `event_names` has if it is another. A fork may repeat the lines of the session
    before it (`repeats_lines`).
    """

    writes_as: str = ""
    sends_texts: bool = False
    shows_messages: bool = False
    takes_at_prompt: bool = True
    opens_at_prompt: bool = False
    answer_key: str = ""
    event_names: Mapping[str, str] = {}
    repeats_lines: bool = False


_USUAL = HookClient()
_CLIENTS = {
    "claude-code": HookClient(shows_messages=True, repeats_lines=True),
    "codex": HookClient(shows_messages=True),
    "copilot": HookClient(answer_key="additionalContext"),
    "cursor": HookClient(sends_texts=True, takes_at_prompt=False, answer_key="additional_context"),
    "gemini-cli": HookClient(
        opens_at_prompt=True, event_names={"prompt": "BeforeAgent", "edit": "AfterTool"}
    ),
    "opencode": HookClient(answer_key="additionalContext"),
    "qwen-code": HookClient(opens_at_prompt=True),
    "vscode": HookClient(writes_as="copilot", takes_at_prompt=False),
    "windsurf": HookClient(sends_texts=True, takes_at_prompt=False),
}


def hook_client(name: str) -> HookClient:
    """Return the properties of a client; the defaults for an unknown one."""
    return _CLIENTS.get(name, _USUAL)


def source_of(client: str) -> str:
    """Return the source under which the messages of a client are stored and imported."""
    return hook_client(client).writes_as or client

"""Turns of a person with an agent: a prompt, the agent's messages while it works, and its answer.

In messages from hooks and imported transcripts, metadata name the client (`source`), the turn
(`turn`), and for a message that was split for its length the `part` and the number of `parts`. The
last message of a transcript that ends while the agent works is `unfinished`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AGENTS = frozenset(
    {
        *("claude-code", "codex", "copilot", "cursor"),
        *("gemini-cli", "opencode", "qwen-code", "windsurf"),
    }
)
"""The clients whose sessions consist of turns, by the `source` in the metadata."""


class SessionMessage(NamedTuple):
    """A message of a session."""

    role: Role
    metadata: Mapping[str, object]


def remarks_among(session: Sequence[SessionMessage]) -> list[bool]:
    """Return for consecutive messages whether an agent wrote each before the last text of its turn.

    The parts of one message are one text; messages that the user writes meanwhile belong to the
    turn. Where no turn is named, as in memories of earlier releases, a turn lasts until the next
    message of the user.
    """
    remarks = [False] * len(session)
    later: object = None
    for place in range(len(session) - 1, -1, -1):
        role, about = session[place]
        turn = str(about.get("turn", ""))
        if role is not Role.ASSISTANT or about.get("source") not in AGENTS:
            later = later if turn and turn == later else None
            continue
        if _goes_on(about, session[place + 1 : place + 2]):
            remarks[place] = remarks[place + 1]
        else:
            remarks[place] = turn == later
        later = turn
    return remarks


def _goes_on(about: Mapping[str, object], following: Sequence[SessionMessage]) -> bool:
    """Return whether the next message is the next part of the same one."""
    part = about.get("part")
    return isinstance(part, int) and any(
        (one.role, one.metadata.get("part"), one.metadata.get("parts"))
        == (Role.ASSISTANT, part + 1, about.get("parts"))
        for one in following
    )

"""The prefix that consecutive requests have in common, which a provider can cache.

Providers cache a prefix of the tools, the system prompt and the messages, in this order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SYSTEM = ("system", "instructions", "systemInstruction")
_MESSAGES = ("messages", "input", "contents")
_MARK = "cache_control"
"""The end of the prefix to cache: it moves, and is not part of the content."""

_BILLING = "x-anthropic-billing-header:"
"""A part of Claude Code's system prompt: its version, and a digest of the first prompt."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as text, which begins with `head`: the tools and the system prompt."""

    head: str
    text: str


def request_of(body: Mapping[str, object]) -> Request | None:
    """Return the request with this body, or None if it is not part of a conversation."""
    tools, messages = body.get("tools"), _first(body, _MESSAGES)
    if not isinstance(tools, list) or not isinstance(messages, list):
        return None
    if not (body.get("stream") or "contents" in body):  # a request that only counts tokens
        return None
    system = [part for part in _parts(_first(body, _SYSTEM)) if _BILLING not in str(part)]
    head = "".join(map(_line, [*tools, *system]))
    said = [
        [message.get("role") or message.get("type"), part]
        for message in messages
        for part in [*_parts(message), *(message.get("tool_calls") or ())]
    ]
    return Request(head, head + "".join(map(_line, said)))


def shared_prefix_chars(before: Request, now: Request) -> int:
    """Return the length of the common prefix of two requests, in characters."""
    pairs = enumerate(zip(before.text, now.text, strict=False))
    shorter = min(len(before.text), len(now.text))
    return next((place for place, (was, is_now) in pairs if was != is_now), shorter)


def shared_prefix_shares(requests: Sequence[Request]) -> list[float]:
    """Return the share of each request that is a prefix of the next one."""
    return [
        shared_prefix_chars(before, now) / len(before.text) for before, now in pairwise(requests)
    ]


def _first(body: Mapping[str, object], names: Sequence[str]) -> object:
    return next((body[name] for name in names if body.get(name)), None)


def _parts(holder: object) -> list[object]:
    """Return the parts of a message or a system prompt; a plain text is one part."""
    if isinstance(holder, dict):
        parts = holder.get("content") or holder.get("parts")
        return _parts(parts) if parts else [holder]
    if isinstance(holder, str):
        return [{"type": "text", "text": holder}]
    return holder if isinstance(holder, list) else []


def _line(part: object) -> str:
    return json.dumps(_unmarked(part), ensure_ascii=False) + "\n"


def _unmarked(part: object) -> object:
    if isinstance(part, dict):
        return {name: _unmarked(value) for name, value in part.items() if name != _MARK}
    if isinstance(part, list):
        return [_unmarked(one) for one in part]
    return part

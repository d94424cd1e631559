"""What a provider may keep of a request from the one before: all up to the first difference.

Providers keep what the tools, the system prompt and the messages make in this order.
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
"""Where the provider is asked to keep a prefix: it moves, and is no content."""

_BILLING = "x-anthropic-billing-header:"
"""How Claude Code begins a system prompt: with its version, and a mark of the first prompt."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as text: `head` is tools and system prompt, which `text` begins with."""

    head: str
    text: str


def request_of(body: Mapping[str, object]) -> Request | None:
    """Return what a conversation sent, or None for a request that is no part of one."""
    tools, messages = body.get("tools"), _first(body, _MESSAGES)
    if not isinstance(tools, list) or not isinstance(messages, list):
        return None
    if not (body.get("stream") or "contents" in body):  # it counts tokens
        return None
    system = [part for part in _parts(_first(body, _SYSTEM)) if _BILLING not in str(part)]
    head = "".join(map(_line, [*tools, *system]))
    said = [
        [message.get("role") or message.get("type"), part]
        for message in messages
        for part in [*_parts(message), *(message.get("tool_calls") or ())]
    ]
    return Request(head, head + "".join(map(_line, said)))


def kept_chars(before: Request, now: Request) -> int:
    """Return with how many characters of the one before a request begins."""
    pairs = enumerate(zip(before.text, now.text, strict=False))
    shorter = min(len(before.text), len(now.text))
    return next((place for place, (was, is_now) in pairs if was != is_now), shorter)


def kept_shares(requests: Sequence[Request]) -> list[float]:
    """Return, for each request but the first, which share of the one before it begins with."""
    return [kept_chars(before, now) / len(before.text) for before, now in pairwise(requests)]


def _first(body: Mapping[str, object], names: Sequence[str]) -> object:
    return next((body[name] for name in names if body.get(name)), None)


def _parts(holder: object) -> list[object]:
    """Return the parts of a message or a system prompt; a text alone is one part."""
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

"""Many clients at once who mean the same save, or the same conversation.

They send a call again when a busy server asks for it.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass

import httpx

from tests.support.faults.caller import OK, SAVE, Caller

CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What came of one save sent by many at once, and of another body under its key."""

    kept: int
    replays: int
    ids: int
    failures: int
    other_body: int


@dataclass(frozen=True, slots=True)
class SharedConversation:
    """What came of many writers in one conversation."""

    acknowledged: int
    failures: int
    missing: int
    """Acknowledged messages that reading the conversation does not give."""
    twice: int
    """Messages that reading the conversation gives more than once."""
    out_of_order: int
    """Saves whose messages are not read in the order in which they were sent."""


async def send_duplicates(url: str, senders: int) -> Duplicates:
    """Send one save from many connections at once, and then another body under its key."""
    key = str(uuid.uuid4())
    save = {"session_id": key, "idempotency_key": key, "user_prompt": "tea?"}
    callers = [Caller(url) for _ in range(senders)]
    answers = await asyncio.gather(
        *(
            caller.post_until_answered(SAVE, {**save, "assistant_response": "green"})
            for caller in callers
        )
    )
    for caller in callers:
        await caller.close()
    other, _ = await Caller(url, keep_alive=False).post(SAVE, {**save, "assistant_response": "no"})
    receipts = [json.loads(body) for status, body in answers if status == OK]
    return Duplicates(
        kept=sum(receipt["saved"] for receipt in receipts),
        replays=sum(not receipt["saved"] for receipt in receipts),
        ids=len({memory_id for receipt in receipts for memory_id in receipt["memory_ids"]}),
        failures=len(answers) - len(receipts),
        other_body=other,
    )


async def write_together(url: str, *, writers: int, saves: int) -> SharedConversation:
    """Save from many connections into one conversation, and read it: two pages at least."""
    session_id = str(uuid.uuid4())
    acknowledged: list[list[str]] = []
    failures = 0

    async def write(writer: int) -> None:
        nonlocal failures
        caller = Caller(url)
        for number in range(saves):
            messages = [
                {"role": "user", "content": f"{writer} asks {number}"},
                {"role": "assistant", "content": f"{writer} answers {number}"},
            ]
            save = {
                "session_id": session_id,
                "idempotency_key": str(uuid.uuid4()),
                "messages": messages,
            }
            status, body = await caller.post_until_answered(SAVE, save)
            if status == OK:
                acknowledged.append(json.loads(body)["memory_ids"])
            else:
                failures += 1
        await caller.close()

    await asyncio.gather(*map(write, range(writers)))
    read = await _read_session(url, session_id, limit=max(1, writers * saves // 2))
    places = {memory_id: place for place, memory_id in enumerate(read)}
    return SharedConversation(
        acknowledged=len(acknowledged),
        failures=failures,
        missing=sum(one not in places for ids in acknowledged for one in ids),
        twice=len(read) - len(places),
        out_of_order=sum(
            sorted(ids, key=lambda one: places.get(one, -1)) != ids for ids in acknowledged
        ),
    )


async def _read_session(url: str, session_id: str, limit: int) -> list[str]:
    read: list[str] = []
    params: dict[str, str | int] = {"limit": min(limit, 100)}
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        while True:
            answer = await client.get(f"/api/v1/sessions/{session_id}", params=params)
            page = answer.raise_for_status().json()
            read += [memory["memory_id"] for memory in page["memories"]]
            if page["next_cursor"] is None:
                return read
            params["cursor"] = page["next_cursor"]

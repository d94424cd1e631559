"""A client that saves conversations without end and notes each acknowledgement and each failure.

Every conversation is sent until it is acknowledged, always under the same idempotency key, as the
documentation asks of a client. It ends when its standard input does; an answer that no outage
explains is printed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from pathlib import Path
from typing import TextIO

from tests.support.faults.caller import BROKEN, OK, SAVE, Caller

TASKS = 16
MESSAGES = 2
PAUSE_S = 0.02
FAILED = "-"
OUTAGES = {502, 503}


def _whose(answer: bytes) -> str:
    """Return the kind of a problem that Sage answered, or that it was the proxy."""
    kind = b"urn:sage:problem:"
    return answer.partition(kind)[2].partition(b'"')[0].decode() or "proxy"


async def save_forever(caller: Caller, journal: TextIO, ended: asyncio.Event) -> None:
    def note(*words: str) -> None:
        journal.write(" ".join([str(time.monotonic()), *words]) + "\n")
        journal.flush()

    while not ended.is_set():
        key = str(uuid.uuid4())
        messages = [
            {"role": ("user", "assistant")[number % 2], "content": f"{key} {number}"}
            for number in range(MESSAGES)
        ]
        conversation = {"session_id": key, "idempotency_key": key, "messages": messages}
        while not ended.is_set():
            try:
                status, answer = await caller.post(SAVE, conversation)
            except BROKEN as error:
                note(FAILED, type(error).__name__)
            else:
                if status == OK:
                    note(key, *json.loads(answer)["memory_ids"])
                    break
                note(FAILED, str(status), _whose(answer))
                if status not in OUTAGES:
                    sys.stdout.write(f"{status} {answer.decode()}\n")
                    sys.stdout.flush()
            await asyncio.sleep(PAUSE_S)
    await caller.close()


async def main(url: str, path: Path, callers: int, *, keep_alive: bool) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    with path.open("a") as journal:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(callers):
                tasks.create_task(save_forever(Caller(url, keep_alive=keep_alive), journal, ended))


if __name__ == "__main__":
    url, journal, *options = sys.argv[1:]
    tasks = next((int(one.partition("=")[2]) for one in options if "--tasks=" in one), TASKS)
    asyncio.run(main(url, Path(journal), tasks, keep_alive="--close" not in options))

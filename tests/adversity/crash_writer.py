"""A client that saves conversations without end and writes down each that was acknowledged.

Every conversation is sent until it is acknowledged, always under the same idempotency key, as the
documentation asks of a client. It ends when its standard input does; an answer that no outage
explains is printed.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from pathlib import Path

import httpx

TASKS = 16
MESSAGES = 3
PAUSE_S = 0.02
OUTAGES = {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.BAD_GATEWAY}


async def save_forever(client: httpx.AsyncClient, acknowledged: Path, ended: asyncio.Event) -> None:
    with acknowledged.open("a") as journal:
        while not ended.is_set():
            key = str(uuid.uuid4())
            conversation = {
                "session_id": key,
                "idempotency_key": key,
                "messages": [
                    {"role": ("user", "assistant")[number % 2], "content": f"{key} {number}"}
                    for number in range(MESSAGES)
                ],
            }
            while not ended.is_set():
                try:
                    answer = await client.post("/api/v1/conversations", json=conversation)
                except httpx.TransportError:
                    await asyncio.sleep(PAUSE_S)
                    continue
                if answer.status_code == httpx.codes.OK:
                    journal.write(" ".join([key, *answer.json()["memory_ids"]]) + "\n")
                    journal.flush()
                    break
                if answer.status_code not in OUTAGES:
                    sys.stdout.write(f"{answer.status_code} {answer.text}\n")
                    sys.stdout.flush()
                await asyncio.sleep(PAUSE_S)


async def main(url: str, acknowledged: Path) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    async with httpx.AsyncClient(base_url=url, timeout=15) as client, asyncio.TaskGroup() as tasks:
        for _ in range(TASKS):
            tasks.create_task(save_forever(client, acknowledged, ended))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

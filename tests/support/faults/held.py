"""Clients that begin a request and do not end it, beside one that is in earnest."""

from __future__ import annotations

import socket
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

HALF_A_HEAD = b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n"


@dataclass(frozen=True, slots=True)
class Slowed:
    """How long saves take alone and beside held connections, in milliseconds."""

    held: int
    alone_p95_ms: float
    beside_p95_ms: float
    acknowledged: int
    failures: int

    @property
    def ratio(self) -> float:
        """How many times as long they take."""
        return self.beside_p95_ms / self.alone_p95_ms


def save_beside_held(url: str, *, held: int, saves: int, rounds: int) -> Slowed:
    """Time saves alone and beside connections that are held open, in turns; the best rounds count.

    Other work on the machine only adds to the times.
    """
    alone, beside = [], []
    failures = 0
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        for _ in range(rounds):
            alone.append(_p95_ms(_saves(client, saves)))
            with ExitStack() as stack:
                for _ in range(held):
                    port = httpx.URL(url).port
                    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
                    stack.enter_context(connection)
                    connection.sendall(HALF_A_HEAD)
                times = list(_saves(client, saves))
                failures += times.count(float("inf"))
                beside.append(_p95_ms(times))
    acknowledged = 2 * rounds * saves - failures
    return Slowed(held, min(alone), min(beside), acknowledged, failures)


def _saves(client: httpx.Client, count: int) -> Iterator[float]:
    for _ in range(count):
        text = str(uuid.uuid4())
        body = {"user_prompt": text, "assistant_response": "noted"}
        began = time.perf_counter()
        answer = client.post("/api/v1/conversations", json=body)
        yield 1000 * (time.perf_counter() - began) if answer.is_success else float("inf")


def _p95_ms(times: Iterator[float] | list[float]) -> float:
    return quantiles(times, n=20)[-1]

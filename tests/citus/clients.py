"""Clients that save and search in many spaces at a time, with an account of every answer."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_CUT = 0
"""The status of a call that no answer came to."""


@dataclass(frozen=True)
class Call:
    """A call, when it began, how long it took, and what came of it."""

    began_at: float
    seconds: float
    kind: str
    space: str
    status: int
    said: str
    memory_ids: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether it was answered as asked."""
        return self.status in {200, 201}


@dataclass
class Account:
    """All calls, in the order in which they ended."""

    calls: list[Call] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[str]:
        """What must be there."""
        return [one for call in self.calls for one in call.memory_ids]

    @property
    def failures(self) -> list[str]:
        """What went wrong, in words."""
        return [f"{one.kind} {one.status}: {one.said}" for one in self.calls if not one.succeeded]

    def between(
        self, since: float, until: float, where: Callable[[str], bool] = lambda _: True
    ) -> list[Call]:
        """Return the calls of some spaces that began and ended within a time."""
        return [
            one
            for one in self.calls
            if since <= one.began_at and one.began_at + one.seconds <= until and where(one.space)
        ]


@contextmanager
def calling(url: str, opened: Mapping[str, Sequence[str]]) -> Iterator[Account]:
    """Save and search until the block ends, a client for each token in the spaces it opens."""
    account, stopped = Account(), threading.Event()

    def work(number: int, token: str, spaces: Sequence[str]) -> None:
        chosen = random.Random(number)
        shown = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=shown, timeout=90) as client:
            count = 0
            while not stopped.is_set():
                count += 1
                account.calls.append(_call(client, chosen, f"{number}x{count}", spaces))

    workers = [
        threading.Thread(target=work, name=f"client-{number}", args=(number, *one))
        for number, one in enumerate(opened.items())
    ]
    for worker in workers:
        worker.start()
    try:
        yield account
    finally:
        stopped.set()
        for worker in workers:
            worker.join(100)


def _call(client: httpx.Client, chosen: random.Random, mark: str, spaces: Sequence[str]) -> Call:
    space, kind = chosen.choice(spaces), chosen.choice(("save", "save", "search"))
    began = time.monotonic()
    try:
        if kind == "save":
            said = {"role": "user", "content": f"Errand {mark}: bring apples to the mill."}
            body = {"messages": [said], "session_id": f"s{mark}", "space": space}
            answer = client.post("/api/v1/conversations", json=body)
        else:
            answer = client.post("/api/v1/search", json={"query": "apples", "space": space})
    except httpx.HTTPError as error:
        said = f"{type(error).__name__}: {error}"
        return Call(began, time.monotonic() - began, kind, space, _CUT, said)
    seconds = time.monotonic() - began
    kept = answer.json().get("memory_ids", ()) if answer.is_success and kind == "save" else ()
    said = "" if answer.is_success else answer.text[:300]
    return Call(began, seconds, kind, space, answer.status_code, said, tuple(kept))

"""Steady saving and searching over HTTP from several threads, with an account of every answer."""

import itertools
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx


@dataclass
class Account:
    """What came of the requests: acknowledged ids, and every failure in words."""

    memory_ids: list[str] = field(default_factory=list)
    searches: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def requests(self):
        return len(self.memory_ids) + self.searches + len(self.failures)


@contextmanager
def load_on(url, token, threads=4):
    """Save and search until the block ends; a connection a request, as a balancer sees them."""
    account, stopped, numbers = Account(), threading.Event(), itertools.count()
    headers = {"authorization": f"Bearer {token}", "connection": "close"}

    def work():
        while not stopped.is_set():
            number = next(numbers)
            try:
                with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
                    _one(client, number, account)
            except httpx.HTTPError as error:
                account.failures.append(f"{type(error).__name__}: {error}")
                time.sleep(0.02)

    workers = [threading.Thread(target=work, name=f"load-{n}") for n in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield account
    finally:
        stopped.set()
        for worker in workers:
            worker.join(40)


def _one(client, number, account):
    if number % 3 == 2:
        answer = client.post("/api/v1/search", json={"query": f"errand {number - 2}", "n": 3})
        if answer.status_code == 200:
            account.searches += 1
            return
    else:
        message = {"role": "user", "content": f"Errand {number}: bring {number} apples."}
        body = {"messages": [message], "session_id": "load"}
        answer = client.post("/api/v1/conversations", json=body)
        if answer.status_code in {200, 201}:
            account.memory_ids += answer.json()["memory_ids"]
            return
    account.failures.append(f"{answer.status_code}: {answer.text[:200]}")

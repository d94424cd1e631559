"""Clients that save and forget without a pause, and remember what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support import plain_http

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORGOTTEN = 0.3
_PAUSE_S = 0.05


class Writers:
    """What clients were told: ids that were saved, ids that were forgotten, refusals."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v1"
        self.saved: set[str] = set()
        self.forgotten: set[str] = set()
        self.refused: list[str] = []
        self._stopped = threading.Event()

    def _write(self, number: int) -> None:
        while not self._stopped.is_set():
            turn = {"user_prompt": f"Tea {number}?", "assistant_response": f"Cup {time.time()}."}
            turn["session_id"] = f"writer-{number}-{random.random()}"
            answer = plain_http.post(f"{self._url}/conversations", json=turn)
            if answer.status_code != 200:
                self.refused.append(answer.json()["detail"])
                time.sleep(_PAUSE_S)
                continue
            ids = answer.json()["memory_ids"]
            self.saved.update(ids)
            if random.random() < _FORGOTTEN:
                gone = plain_http.post(f"{self._url}/forget", json={"memory_ids": ids})
                if gone.status_code == 200:
                    self.forgotten.update(ids)

    @contextmanager
    def running(self, count: int) -> Iterator[None]:
        """Have so many clients write for the length of a block."""
        threads = [threading.Thread(target=self._write, args=(one,)) for one in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()

"""Work in the background while a worker is away: it goes on for the spaces on the other one."""

import asyncio
import json
import signal
import time
from functools import partial

import httpx
import pytest

from tests.support.databases import run_sage
from tests.support.serving import wait_until

SPACES = 8
EMBEDDED_WITHIN_S = 30
BACK_WITHIN_S = 60
_VECTORS = (
    "SELECT count(*), count(DISTINCT memory_id) FROM sage.embeddings WHERE space_id = '{space}'"
)
_WAITING = "SELECT count(*) FROM sage.embedding_queue WHERE space_id = '{space}'"

pytestmark = pytest.mark.timeout(900)


class Rooms:
    """One space on each worker, and a token for both."""

    def __init__(self, spaces, url, prefix):
        names = spaces.create(SPACES, prefix)
        ports = spaces.ports()
        self.worker = spaces.citus.workers[0]
        self.hit = next(one for one in names if ports[one] == self.worker.port)
        self.other = next(one for one in names if ports[one] != self.worker.port)
        self._spaces = spaces
        self._url = url
        self._shown = {"authorization": f"Bearer {spaces.token(names)}"}

    def post(self, path, **body):
        return httpx.post(f"{self._url}{path}", headers=self._shown, json=body, timeout=60)

    def save(self, space, content):
        said = {"role": "user", "content": content}
        return self.post("/api/v1/conversations", messages=[said], space=space)

    def finds(self, space, query, content):
        """Return whether a memory without any word of the question is found, so by its vector."""
        answer = self.post("/api/v1/search", query=query, space=space)
        return answer.is_success and content in [one["content"] for one in answer.json()["results"]]

    def refused(self):
        """Return what the health says of servers, and what the metric says of the worker."""
        check = httpx.get(f"{self._url}/health/detailed", timeout=60).json()["checks"]["cluster"]
        metrics = httpx.get(f"{self._url}/metrics", timeout=60).text
        name = f'sage_cluster_node_refused{{node="127.0.0.1:{self.worker.port}"}} '
        return check, [line for line in metrics.splitlines() if line.startswith(name)]

    def told_by_doctor(self, folder):
        """Return what `sage doctor` says of the servers."""
        said = asyncio.run(run_sage(self._spaces.dsn, folder, "doctor", "--json", code=1))
        checks = json.loads(said[said.index("{") :])["checks"]
        return next((one["status"], one["detail"]) for one in checks if one["name"] == "cluster")

    def vectors(self, space):
        """Return how many vectors there are, and of how many memories."""
        asked = _VECTORS.format(space=self._spaces.id_of(space))
        return tuple(map(int, self._spaces.ask(asked).split("|")))

    def waiting(self, space):
        return int(self._spaces.ask(_WAITING.format(space=self._spaces.id_of(space))))


@pytest.mark.parametrize("how", ["down", "frozen"])
def test_messages_to_the_other_worker_are_embedded_meanwhile(spaces, url, how, measured, tmp_path):
    rooms = Rooms(spaces, url, how)
    for number, space in enumerate((rooms.hit, rooms.other)):
        assert rooms.save(space, f"The heron nests by mill {number}.").is_success
    wait_until(lambda: rooms.vectors(rooms.hit)[0] and rooms.vectors(rooms.other)[0], "vectors", 90)
    for number in range(6):  # some of these still wait when the worker is lost
        assert rooms.save(rooms.hit, f"Errand {number}: bring apples to the mill.").is_success
    if how == "frozen":
        rooms.worker.send_to_all(signal.SIGSTOP)
    else:
        rooms.worker.stop(signal.SIGQUIT)
    try:
        began = time.monotonic()
        late = "Our cat fell ill, so we drove her to the animal doctor."
        assert rooms.save(rooms.other, late).is_success
        found = partial(rooms.finds, rooms.other, "veterinary visit with a sick pet", late)
        wait_until(found, "a hit by its vector", EMBEDDED_WITHIN_S, pause_s=0.25)
        first = time.monotonic() - began
        assert rooms.save(rooms.hit, "Nobody takes this.").status_code == 503
        began = time.monotonic()
        assert rooms.save(rooms.other, "The second one, once it is known.").is_success
        wait_until(lambda: not rooms.waiting(rooms.other), "its vector", EMBEDDED_WITHIN_S)
        second = time.monotonic() - began
        told, metrics = rooms.refused()
        assert (told["status"], told["code"]) == ("degraded", "nodes_refused")
        assert f"127.0.0.1:{rooms.worker.port} since 20" in told["detail"]
        assert [line.endswith(" 1.0") for line in metrics] == [True]
        assert rooms.told_by_doctor(tmp_path) == (
            "warning",
            told["detail"].partition(" since ")[0],
        )
    finally:
        if how == "frozen":
            rooms.worker.send_to_all(signal.SIGCONT)
        else:
            rooms.worker.start()
    back = time.monotonic()
    wait_until(lambda: rooms.save(rooms.hit, "It is back.").is_success, "a save", 60, pause_s=0.5)
    wait_until(lambda: not rooms.waiting(rooms.hit), "the vectors", BACK_WITHIN_S, pause_s=0.5)
    measured(
        f"{how}; embedded after {first:.1f} s, then {second:.1f} s;"
        f" its own {time.monotonic() - back:.1f} s after it was back"
    )
    told, metrics = rooms.refused()
    assert told["code"] == "all_answer"
    assert [line.endswith(" 0.0") for line in metrics] == [True]
    assert rooms.vectors(rooms.other) == (3, 3)
    assert rooms.vectors(rooms.hit) == (8, 8)

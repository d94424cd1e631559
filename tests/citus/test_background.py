"""Work in the background while a worker is away: it goes on for the spaces on the other one."""

import asyncio
import json
import re
import signal
import time
from functools import partial

import asyncpg
import httpx
import pytest

from sage.store.named_sql import DISTRIBUTED, query
from tests.support.databases import run_sage
from tests.support.serving import wait_until

SPACES = 8
EMBEDDED_WITHIN_S = 30
BACK_WITHIN_S = 60
_VECTORS = (
    "SELECT count(*), count(DISTINCT memory_id) FROM sage.embeddings WHERE space_id = '{space}'"
)
_TO_BE_FOUND = (
    "UPDATE sage.memory_classes SET rules_version = 0",
    "UPDATE sage.memories SET forgotten_at = now() - interval '31 days'",
    "INSERT INTO sage.indexed_spaces SELECT id, now() - interval '1 day' FROM sage.spaces",
    "UPDATE sage.spaces SET retention_days = 9",
)
"""So that each space is one that each look finds."""
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
        assert re.search(r"group \d+ since 20", told["detail"])
        assert "127.0.0.1" not in json.dumps(told)  # health answers name no host
        assert [line.endswith(" 1.0") for line in metrics] == [True]
        assert rooms.told_by_doctor(tmp_path) == (
            "warning",
            f"servers of the cluster do not answer: 127.0.0.1:{rooms.worker.port}",
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


def test_each_look_over_all_spaces_leaves_out_those_of_an_absent_server(spaces, url):
    rooms = Rooms(spaces, url, "left")
    hit, other = spaces.id_of(rooms.hit), spaces.id_of(rooms.other)
    for space in (rooms.hit, rooms.other):
        assert rooms.save(space, "The heron nests by the mill.").is_success
    wait_until(lambda: rooms.vectors(rooms.hit)[0] and rooms.vectors(rooms.other)[0], "vectors", 90)
    retentions = DISTRIBUTED[query("list_retentions")].strip().rstrip(";")
    model = spaces.ask("SELECT model_id FROM sage.active_model")
    both = f"ARRAY['{hit}', '{other}']"
    looks = (
        "sage.find_spaces('memories', 'true', '', NULL)",
        "sage.find_spaces('memories', 'true', '', 1000)",
        "sage.list_unclassed_spaces(9999::smallint)",
        "space_id FROM sage.find_due_classes(1000, NULL)",
        f"space_id FROM sage.find_due_classes(1000, '{other}')",
        f"space_id FROM sage.walk_large_spaces({model}::smallint, 0, '', 100) WHERE is_large",
        f"space_id FROM sage.count_vectors({both}, {model}::smallint, 0, '{{}}', 9)",
        "sage.list_idle_spaces(0)",
        f"space_id FROM ({retentions}) AS found",
        "space_id FROM sage.purge_forgotten(30, 100)",
    )
    found = asyncio.run(_found_without(spaces.dsn, hit, looks))
    wrong = {look: some for look, some in found.items() if some & {hit, other} != {other}}
    assert wrong == {}


async def _found_without(dsn, hit, looks):
    """Return what looks find while the server of a space is taken for absent."""
    conn = await asyncpg.connect(dsn)
    try:
        for statement in _TO_BE_FOUND:
            await conn.execute(statement)
        async with conn.transaction():
            group = await conn.fetchval(query("group_of_space"), hit)
            await conn.execute(f"SET LOCAL sage.absent_groups = '{group}'")
            found = {}
            for look in looks:
                found[look] = {row[0] for row in await conn.fetch(f"SELECT {look}")}
            for purge in ("purge_saves", "purge_recalls"):
                await conn.fetch(f"SELECT sage.{purge}(30, 100)")
            with pytest.raises(asyncpg.ConnectionFailureError):
                async with conn.transaction():
                    await conn.execute(DISTRIBUTED[query("record_recalls")], _recall_in(hit))
    finally:
        await conn.close()
    return found


def _recall_in(space):
    one = {"space_id": space, "recall_id": "00000000-0000-4000-8000-000000000001", "memories": []}
    return json.dumps([one])

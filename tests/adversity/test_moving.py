"""A move to another database that is killed again and again while clients save and delete."""

from __future__ import annotations

import json
import random
import threading
import time
from contextlib import contextmanager

import pytest

from sage.cli.main import main
from tests.support import plain_http
from tests.support.backups import EVERYTHING, ask, fill_spaces
from tests.support.forked import Forked
from tests.support.process import environment
from tests.support.serving import serving, settings_for

KILLS = 3


class Writers:
    """Clients who save, forget and remember what was acknowledged until writes are refused."""

    def __init__(self, url):
        self._url = f"{url}/api/v1"
        self.saved, self.forgotten, self.refused = set(), set(), []
        self._stopped = threading.Event()

    def run(self, number):
        while not self._stopped.is_set():
            turn = {"user_prompt": f"Tea {number}?", "assistant_response": f"Cup {time.time()}."}
            turn["session_id"] = f"writer-{number}-{random.random()}"
            answer = plain_http.post(f"{self._url}/conversations", json=turn)
            if answer.status_code != 200:
                self.refused.append(answer.json()["detail"])
                time.sleep(0.05)
                continue
            ids = answer.json()["memory_ids"]
            self.saved.update(ids)
            if random.random() < 0.3:
                gone = plain_http.post(f"{self._url}/forget", json={"memory_ids": ids})
                if gone.status_code == 200:
                    self.forgotten.update(ids)

    @contextmanager
    def running(self, count):
        threads = [threading.Thread(target=self.run, args=(one,)) for one in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_by_a_move_that_is_killed(
    postgres_dsn, empty_postgres_dsn, tmp_path, capfd
):
    fill_spaces(postgres_dsn)
    command = ["move", "--from", postgres_dsn, "--to", empty_postgres_dsn, "--yes", "--json"]
    with serving(settings_for(postgres_dsn, tmp_path / "serving")) as url:
        writers = Writers(url)
        with writers.running(2), (tmp_path / "told").open("wb+") as told:
            for _ in range(KILLS):
                process = Forked(
                    [*command, "--data-dir", str(tmp_path / "data")],
                    cwd=tmp_path,
                    env=environment(tmp_path / "data", 1),
                    streams=(told, told, told),
                )
                time.sleep(random.uniform(0.2, 1.5))
                process.kill()
                process.wait()
            capfd.readouterr()
            code = main([*command, "--data-dir", str(tmp_path / "data")])
            out, err = capfd.readouterr()
            if code:
                assert "already moved" in err
            else:
                assert json.loads(out)["paused_s"] is None or json.loads(out)["paused_s"] < 30
    assert ask(empty_postgres_dsn, EVERYTHING) == ask(postgres_dsn, EVERYTHING)
    kept = {str(row[1]): row[9] for row in ask(empty_postgres_dsn, EVERYTHING)}
    assert writers.saved <= kept.keys()
    assert all(kept[one] is not None for one in writers.forgotten)

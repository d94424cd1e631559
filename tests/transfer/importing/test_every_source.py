"""What holds for every source: done again, undone, broken; and an import that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.support.postgres import ask
from tests.transfer.importing import sample_notes
from tests.transfer.importing.samples import EXPECTED, MAKERS

KILLED = """
import os, signal, sys
from sage.cli.main import main
from sage.transfer.importing import keeping

copy, keeping._BATCH_MEMORIES = keeping.store_arrivals, 1
left = [int(sys.argv[1])]

async def copied_or_killed(conn, arriving, import_id):
    async with conn.transaction():
        added = await copy(conn, arriving, import_id)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return added

keeping.store_arrivals = copied_or_killed
main(sys.argv[2:])
"""


@pytest.mark.parametrize("name", ["claude", "cursor", "notes"])  # a stream, a database, a folder
def test_an_import_killed_in_the_middle_and_done_again_ends_the_same(
    sage, name, tmp_path, postgres_dsn
):
    (tmp_path / name).mkdir()
    path = MAKERS[name](tmp_path / name)
    assert sage("save", "Which tea?", "Oolong.", "--session", "mine").code == 0
    before = sage("export").out
    added = sage("import", path, "--json").answer["added"]
    whole = sage("export").out
    assert added == whole.count("\n") - 2
    assert sage("import", "--undo", "last", "--json").answer["undone"] == added
    assert sage("export").out == before

    argv = ("import", path, "--data-dir", tmp_path / "data")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(added // 2), *map(str, argv)],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ask(postgres_dsn, "SELECT count(*) FROM sage.memories") == str(added // 2 + 2)
    assert sage("import", path, "--json").answer["added"] == added - added // 2
    assert sage("export").out == whole


def test_every_source_done_again_adds_nothing_and_undone_leaves_nothing(sage, tmp_path):
    before = sage("export").out

    def counts(name):
        (tmp_path / name).mkdir()
        path = MAKERS[name](tmp_path / name)
        added = sage("import", path, "--json").answer["added"]
        again = sage("import", path, "--json").answer["added"]
        undone = sage("import", "--undo", "last", "--json").answer["undone"]
        return added > 0, again, undone - added

    found = {name: counts(name) for name in MAKERS}
    assert {name: one for name, one in found.items() if one != (True, 0, 0)} == {}
    assert sage("export").out == before


def test_broken_files_end_no_import(sage, tmp_path):
    def holed(content):
        middle = len(content) // 2
        return content[:middle] + b"\0\xff{\n" + content[middle + 4 :]

    damaged = (lambda whole: whole[: len(whole) // 2], holed, lambda whole: whole[:-3])
    for name, make in MAKERS.items():
        for number, damage in enumerate(damaged):
            folder = tmp_path / f"all/{name}/{number}"
            folder.mkdir(parents=True)
            make(folder)
            for file in folder.rglob("*.*"):
                file.write_bytes(damage(file.read_bytes()))
    sample_notes.mem0(tmp_path / "all/whole")
    told = sage("import", tmp_path / "all", "--json")
    assert told.code in {0, 1}, told.err
    kept = {one["source"]: one["added"] for one in told.answer["sources"]}
    assert kept["mem0"] >= EXPECTED["mem0"][1]

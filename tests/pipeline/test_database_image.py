"""The database image that is made where no registry is in reach prepares what compose asks for."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from sage.local.postgres.account import choose_account
from tests.architecture.sources import ROOT
from tests.support.old_postgres import OLD

ENTRYPOINT = ROOT / "deploy/images/postgres-base/docker-entrypoint.sh"


@pytest.fixture
def place():
    """Give a directory of the account that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="sage-image-"))
    (folder / "data").mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("file", ["docker-compose.yml", "deploy/citus/compose.yaml"])
def test_a_new_database_of_compose_has_page_checksums(place, file):
    (arguments,) = re.findall(r"POSTGRES_INITDB_ARGS: (.+?)(?: #.*)?\n", (ROOT / file).read_text())
    account = choose_account(place, place / "data", OLD)
    account.take_tree(place)
    environment = {
        "PATH": f"{OLD / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PGDATA": str(place / "data"),
        "POSTGRES_USER": "sage",
        "POSTGRES_PASSWORD": "not a secret",
        "POSTGRES_INITDB_ARGS": arguments,
        "TMPDIR": str(place),
    }
    subprocess.run(
        [*account.prefix, "sh", str(ENTRYPOINT), "postgres", "--version"],
        env=environment,
        check=True,
        cwd="/",
        **account.popen_options,
    )
    told = subprocess.check_output([OLD / "bin/pg_controldata", place / "data"], text=True)
    assert re.search(r"^Data page checksum version: +1$", told, re.MULTILINE)
    assert list(place.iterdir()) == [place / "data"], "the file of the password is gone"

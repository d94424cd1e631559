"""Which files count: Sage's own, never those of the folder a command is called in."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.architecture.sources import INSTALLED, ROOT
from tests.support.serving import DEADLINE_S

VERBS = {
    "search": ("search", "oolong"),
    "context": ("context", "oolong"),
    "save": ("save", "Which tea?", "Oolong."),
    "stats": ("stats",),
    "export": ("export",),
    "migrate": ("migrate", "up"),
    "doctor": ("doctor",),
}


async def tables_of(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
    finally:
        await connection.close()
    return [tuple(row) for row in found]


def test_a_folder_with_somebody_elses_env_file_leaves_that_database_untouched(
    program, kept, data_dir, tmp_path, empty_postgres_dsn
):
    (tmp_path / ".env").write_text(f"DATABASE_URL={empty_postgres_dsn}\n")
    (tmp_path / "sage.toml").write_text(f"[database]\ndsn = '{empty_postgres_dsn}'\n")
    assert Path.cwd() == tmp_path
    for verb, arguments in VERBS.items():
        outcome = kept(*arguments)
        assert outcome.code == 0, verb + outcome.out + outcome.err
        assert asyncio.run(tables_of(empty_postgres_dsn)) == [], verb
    outcome = program("migrate", "up", "--data-dir", data_dir, cwd=tmp_path)
    assert outcome.code == 0, outcome.out + outcome.err
    assert asyncio.run(tables_of(empty_postgres_dsn)) == []


@pytest.mark.parametrize("place", ["named", "data folder", "own folder"])
def test_a_file_of_sages_own_names_the_database_and_this_is_said(tmp_path, postgres_dsn, place):
    folder = tmp_path / place
    folder.mkdir()
    file = folder / ".env"
    file.write_text(f"\nDATABASE_URL={postgres_dsn}\n")
    package = INSTALLED
    options = []
    match place:
        case "named":
            options = ["--env-file", file]
        case "data folder":
            options = ["--data-dir", folder]
        case _:
            package = folder
            (folder / "sage").symlink_to(ROOT / "sage")
            (folder / "start-sage-mcp.sh").touch()
    ran = subprocess.run(
        [sys.executable, "-m", "sage", "stats", "--json", *options],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(package)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    server, _, name = postgres_dsn.rpartition("/")
    where = f"database {name} on {server.rpartition('@')[2]}"
    assert ran.stderr == f"sage: {where}, named by DATABASE_URL ({file} line 2)\n"


def test_a_verb_that_asks_first_names_the_database_once(here, typing):
    assert here("save", "Which tea?", "Oolong.", "--session", "tea").code == 0
    typing("y\n")
    outcome = here("forget", "--session", "tea")
    assert outcome.err.count("named by DATABASE_URL") == 1
    assert "forget session tea (" in outcome.err


def test_the_default_database_is_used_without_a_word(program, data_dir, tmp_path):
    outcome = program("stats", "--data-dir", data_dir, cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")


def test_an_env_file_that_is_not_there_is_a_wrong_configuration(sage, tmp_path):
    outcome = sage("search", "oolong", "--env-file", tmp_path / "other.env")
    assert outcome.code == 78
    assert f"from {tmp_path}/other.env" in outcome.err
    assert "does not exist" in outcome.err


COUNTED = """
import sys
from {module} import main
opened = []
sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
code = main(sys.argv[1:])
print(sum(path.endswith("my.env") for path in opened))
sys.exit(code)
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("module", "verb"), [("sage.cli.main", ["serve"]), ("sage.container", [])])
def test_the_configuration_is_read_once_a_start_after_the_language(
    launch, tmp_path, postgres_dsn, module, verb
):
    file = tmp_path / "my.env"
    file.write_text(f"DATABASE_URL={postgres_dsn}\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        script = COUNTED.format(module=module)
        started = launch(*verb, "--env-file", file, "--port", port, interpreted=script)
        out, err = started.communicate(timeout=2 * DEADLINE_S)
    assert f"port {port} on 127.0.0.1 is in use" in err.decode()
    assert (started.returncode, out.decode().split()) == (1, ["2"])

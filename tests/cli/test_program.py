"""The commands that messages name can be copied into the shell."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "sage"
QUOTED = shlex.quote(str(SCRIPT))


@pytest.fixture
def elsewhere(tmp_path):
    """Make a `sage` with blanks in its path, which runs the installed one."""
    folder = tmp_path / "my programs"
    folder.mkdir()
    (folder / "sage").symlink_to(SCRIPT)
    return folder


def fix_of(*command, path="/usr/bin:/bin", **options):
    """Run a command line that fails; return the command in its fix."""
    environ = {"PATH": path, "HOME": "/", "NO_COLOR": "1"}
    run = subprocess.run(
        [*command, "serch"], check=False, env=environ, capture_output=True, text=True, **options
    )
    assert run.returncode == 2, run.stderr
    return run.stderr.partition("did you mean `")[2].partition("`")[0]


def test_a_program_on_the_path_is_called_by_its_name(elsewhere):
    assert fix_of("sage", path=f"{elsewhere}:/usr/bin") == "sage search"
    assert fix_of(sys.executable, "-m", "sage", path=f"{elsewhere}:/usr/bin") == "sage search"


def test_a_program_off_the_path_is_called_by_its_path(elsewhere):
    assert fix_of(SCRIPT) == f"{QUOTED} search"
    assert fix_of(elsewhere / "sage") == f"'{elsewhere}/sage' search"
    assert fix_of("./sage", cwd=elsewhere) == "./sage search"
    assert fix_of(sys.executable, "-m", "sage") == f"{QUOTED} search"


def test_sage_alone_says_how_it_is_called_where_that_is_not_its_name(elsewhere):
    def last_line(path):
        environ = {"PATH": path, "HOME": "/", "COLUMNS": "500"}
        run = subprocess.run([SCRIPT], check=True, env=environ, capture_output=True, text=True)
        return run.stdout.splitlines()[-1]

    assert last_line("/usr/bin:/bin") == f"Here, `sage` is `{QUOTED}`."
    assert last_line(f"{elsewhere}:/usr/bin") == "`sage --help` lists the commands."


def test_another_program_of_that_name_is_not_taken_for_this_one(tmp_path):
    shutil.copy("/bin/true", tmp_path / "sage")
    assert fix_of(sys.executable, "-m", "sage", path=f"{tmp_path}{os.pathsep}/bin") != "sage search"


def test_the_command_for_the_next_page_can_be_copied(program, data_dir, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    place = ("--data-dir", data_dir)
    assert program("save", "a", "b", *place).code == 0
    first = program("list", "--limit", "1", *place)
    command = first.err.splitlines()[-1]
    assert command.startswith(f"  {QUOTED} list --limit 1 --cursor ")
    assert command.endswith(f" --data-dir {data_dir}")
    second = program(*shlex.split(command)[1:])
    assert second.code == 0
    assert second.out
    assert second.out != first.out

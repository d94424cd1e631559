"""The shell part: options, and machines where something is missing."""

from __future__ import annotations

import shutil
import stat

import pytest

OPTIONS = {
    "--docker",
    "--embedded",
    "--port",
    "--data-dir",
    "--detach",
    "--stop",
    "--status",
    "--logs",
    "--help",
}


def test_help_names_every_option(machine):
    shown = machine("--help")
    assert shown.returncode == 0
    assert set(shown.stdout.split()) >= OPTIONS


@pytest.mark.parametrize(
    ("word", "option"),
    [
        ("stop", "--stop"),
        ("--stat", "--status"),
        ("--sotp", "--stop"),
        ("--log", "--logs"),
        ("--detatch", "--detach"),
        ("--data_dir=x", "--data-dir"),
    ],
)
def test_a_misspelt_option_is_guessed(machine, word, option):
    refused = machine(word)
    assert refused.returncode == 2
    assert f"did you mean {option}?" in refused.stderr


def test_what_is_like_no_option_is_not_guessed(machine):
    assert "did you mean" not in machine("--bogus").stderr
    assert "did you mean" not in machine("--").stderr


def test_help_fits_a_terminal_of_80_columns(machine):
    assert max(map(len, machine("--help").stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "args",
    [
        ["--bogus"],
        ["start"],
        ["--port"],
        ["--port", "--docker"],
        ["--port", "abc"],
        ["--data-dir="],
        ["--docker", "--embedded"],
        ["--docker", "--data-dir", "elsewhere"],
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_set_up(machine, args):
    refused = machine(*args)
    assert refused.returncode == 2
    assert "fix:" in refused.stderr
    assert not (machine.checkout / ".env").exists()


def test_a_machine_without_python_is_told_what_to_install(machine):
    refused = machine("--embedded", "--detach")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()[-2:]
    assert "Python 3.11 or newer" in message
    assert "python3-venv" in fix


def test_a_python_that_is_too_old_is_named_with_a_fix_for_this_machine(machine):
    machine.program("python3", "#!/bin/sh\necho 3.10\n")
    refused = machine("--embedded", "--detach")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()[-2:]
    assert message.endswith("Sage needs Python 3.11 or newer, and here is 3.10")
    assert "python3.11-venv" in fix
    machine.program("uv", "#!/bin/sh\nexit 1\n")
    assert "uv python install" in machine("--embedded").stderr.splitlines()[-1]
    found = machine.checkout / "uv/python3.13"
    machine.program(found.name, '#!/bin/sh\necho "$0"\n[ "$1" != -m ]\n', found.parent)
    machine.program("uv", f"#!/bin/sh\necho '{found}'\n")
    assert "Setting up Sage" in machine("--embedded").stderr


def test_a_data_directory_that_cannot_be_used_is_told_before_packages_are_installed(machine):
    machine.program("python3.12", '#!/bin/sh\necho "$0"\n')
    (machine.checkout.parent / "taken").write_text("")
    refused = machine("--detach", "--data-dir", "taken/data")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()[-2:]
    assert "taken is not a directory" in message
    assert "Setting up" not in refused.stderr
    assert fix.endswith("--data-dir DIR")


def test_a_python_without_venv_is_told_what_to_install(machine):
    machine.program(
        "python3.12",
        '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; esac\n',
    )
    refused = machine("--embedded", "--detach")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()[-2:]
    assert "python3.12 is here" in message
    assert fix.endswith("apt-get install python3.12-venv")


def test_an_index_in_dotenv_is_where_pip_asks(machine):
    machine.program(
        "python3.12",
        '#!/bin/sh\ncase "$2" in *print*) echo "$0" ;; esac\n'
        'case "$1" in -m) echo "pip asks $PIP_INDEX_URL" >&2 && exit 1 ;; esac\n',
    )
    (machine.checkout / ".env").write_text("PIP_INDEX_URL='http://near/simple'\n")
    assert "pip asks http://near/simple\n" in machine("--embedded").stderr


def test_what_was_never_set_up_does_not_run(machine):
    assert machine("--status").returncode == 1
    assert machine("--stop").returncode == 0


def test_a_setup_that_was_interrupted_is_none(machine):
    machine.program("python", "#!/bin/sh\nexit 9\n", machine.checkout / ".venv")
    (machine.checkout / ".venv/bin").symlink_to(".")
    assert "is not set up here" in machine("--status").stderr
    assert machine("--stop").returncode == 0


def test_the_script_finds_its_folder_through_a_link_and_with_a_search_path(machine, tmp_path):
    (tmp_path / "deploy").mkdir()
    (tmp_path / "first").symlink_to("second")
    (tmp_path / "second").symlink_to(machine.checkout / "start-sage-mcp.sh")
    started = machine("--status", script="./first", CDPATH=str(tmp_path))
    assert "is not set up here" in started.stderr


def test_the_first_start_leaves_a_token_for_its_owner_and_no_start_writes_over_it(
    machine, tmp_path
):
    recorder = f'#!/bin/sh\necho "$*" >>\'{tmp_path}/arguments\'\nexec {shutil.which("sed")} "$@"\n'
    machine.program("sed", recorder)
    machine("--embedded")
    written = machine.checkout / ".env"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    text = written.read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("# SAGE_TOKEN=")]
    token = line.removeprefix("# SAGE_TOKEN=")
    assert len(token) == 64
    assert token not in (tmp_path / "arguments").read_text()
    machine("--embedded")
    assert written.read_text() == text

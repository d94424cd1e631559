"""The shell part: options, and machines where something is missing."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.architecture.sources import ROOT

OPTIONS = {
    "--embedded",
    "--port",
    "--data-dir",
    "--detach",
    "--stop",
    "--status",
    "--logs",
    "--help",
}
SCRIPT = "start-sage-mcp.sh"
LOCKS = ("requirements-lock.txt", "requirements-embedded-lock.txt", "ci/locks/build.txt")
NEEDED = ("bash", "cat", "cksum", "dirname", "env", "ln", "mkdir", "readlink", "rm", "sleep")


@pytest.fixture
def machine(tmp_path):
    """Make a machine with a checkout in a path with a space, and no Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name))
    checkout = tmp_path / "my code"
    for name in (SCRIPT, "pyproject.toml", ".env.example", *LOCKS):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)

    def run(*args):
        return subprocess.run(
            [checkout / SCRIPT, *args],
            env={"PATH": str(programs), "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    run.programs = programs
    return run


def test_help_names_every_option(machine):
    shown = machine("--help")
    assert shown.returncode == 0
    assert set(shown.stdout.split()) >= OPTIONS


@pytest.mark.parametrize("args", [["--bogus"], ["start"], ["--port"], ["--data-dir="]])
def test_a_wrong_option_is_refused_before_anything_is_set_up(machine, args):
    refused = machine(*args)
    assert refused.returncode == 2
    assert "--help" in refused.stderr


def test_a_machine_without_python_is_told_what_to_install(machine):
    refused = machine("--detach")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()
    assert "Python 3.11 or newer" in message
    assert "python3-venv" in fix


def test_a_python_without_venv_is_told_what_to_install(machine):
    python = machine.programs / "python3.12"
    python.write_text(
        '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *print*) echo python3.12 ;; esac\n'
    )
    python.chmod(0o755)
    refused = machine("--detach")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()
    assert "python3.12 is here" in message
    assert fix.endswith("apt-get install python3.12-venv")


def test_what_was_never_set_up_does_not_run(machine):
    assert machine("--status").returncode == 1
    assert machine("--stop").returncode == 0

"""The wheel `sage-memory-client`: the file as a program, in an environment that may go."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT
from tests.clients.command.conftest import TOKEN, of_release

START = "import sys; from sage_client import main; sys.argv[0] = 'sage-client'; sys.exit(main())"


@pytest.fixture
def program(machine):
    """Have what the wheel holds in a folder, and call it as its script does."""
    folder = machine.home.parent / "of uvx"
    shutil.copytree(ROOT / "deploy/client-wheel/sage_client", folder / "sage_client")
    shutil.copy(machine.file, folder / "sage_client")

    def run(*words, token=""):
        done = subprocess.run(
            [sys.executable, "-c", START, *words],
            env={
                "HOME": str(machine.home),
                "PATH": os.defpath,
                "PYTHONPATH": str(folder),
                "SAGE_TOKEN": token,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    run.folder = folder
    return run


def test_hooks_go_on_when_the_environment_of_the_wheel_is_gone(program, machine, sage_url):
    words = ("connect", "claude-code", "--hooks", "--write", "--url", sage_url)
    code, said = program(*words, token=TOKEN)
    assert code == 0, said
    assert program("--version") == (0, machine.run("--version"))
    assert "usage: sage-client connect" in program("connect", "--help")[1]
    shutil.rmtree(program.folder)
    assert str(program.folder) not in machine.hooks()["start"]
    assert machine.fire("start", source="startup") is None
    assert "answers in" in machine.run("status", file=machine.data_dir / "sage-client.pyz")


def test_the_server_is_compared_with_what_hooks_call_and_not_with_the_wheel(
    program, machine, sage_url
):
    machine.connect(sage_url)
    (program.folder / "sage_client/sage-client.pyz").write_bytes(of_release("9.9.9"))
    assert "sage-client 9.9.9, sha256" in program("--version")[1]
    assert "provides another" not in program("status")[1]
    copy = machine.data_dir / "sage-client.pyz"
    copy.write_bytes(of_release("0.1.0"))
    assert "provides another" in program("status")[1]
    code, said = program("update")
    assert (code, "0.1.0 is installed" in said) == (1, True)

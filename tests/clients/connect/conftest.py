"""`sage connect` in this process, on files of a home directory made for the test."""

from dataclasses import dataclass

import pytest

from sage.cli.main import main
from sage.config.variables import VARIABLES

CLIENT_HOMES = (
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "COPILOT_HOME",
    "GEMINI_CLI_HOME",
    "QWEN_HOME",
    "XDG_CONFIG_HOME",
)


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Be a user without any configuration and without any client on the PATH."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
        monkeypatch.delenv(f"{variable.name}_FILE", raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("COLUMNS", "200")
    for variable in ("XDG_DATA_HOME", *CLIENT_HOMES):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)
    monkeypatch.chdir(project)
    return folder


@pytest.fixture
def data_dir(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def connect(home, data_dir, capsys):
    """Run `sage connect`."""
    assert home.is_dir()

    def run(*argv):
        capsys.readouterr()
        code = main(["connect", "--data-dir", str(data_dir), *argv])
        return Outcome(code, *capsys.readouterr())

    return run

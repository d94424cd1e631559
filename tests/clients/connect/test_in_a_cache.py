"""Where `uvx` or `pipx run` keep a program, it may be gone tomorrow: nothing is made to call it."""

import sys

import pytest

from sage.cli.main import main
from sage.clients.hooks.launcher import hook_address, launcher_path, resume_hooks
from sage.clients.program_cache import cache_of_program


@pytest.fixture(params=["a tagged folder", ".cache"])
def cache(request, home, monkeypatch):
    """Run from an environment in a cache."""
    folder = home / request.param
    (folder / "archive/bin").mkdir(parents=True)
    if request.param != ".cache":
        (folder / "CACHEDIR.TAG").touch()
    monkeypatch.setattr(sys, "prefix", str(folder / "archive"))
    return folder


def test_what_would_call_the_program_again_is_refused_with_what_to_do(
    connect, home, cache, capsys, data_dir
):
    (home / ".claude").mkdir()
    before = {*home.rglob("*")}
    assert connect("claude-code", "--hooks").code == 0
    connected = connect("claude-code", "--hooks", "--write")
    code = main(["service", "install", "--data-dir", str(data_dir)])
    for found, err in ((connected.code, connected.err), (code, capsys.readouterr().err)):
        assert found != 0
        assert str(cache) in err
        assert "install it permanently with `uv tool` or `pipx`" in err
    assert {*home.rglob("*")} == before


def test_an_environment_of_tox_is_in_no_cache_though_its_folder_is_tagged(tmp_path, monkeypatch):
    for name, is_cache in ((".tox", False), ("uv", True)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CACHEDIR.TAG").touch()
        monkeypatch.setattr(sys, "prefix", str(tmp_path / name / "py313"))
        assert bool(cache_of_program()) is is_cache


def test_a_sage_that_starts_there_leaves_the_launcher_as_it_was(data_dir, cache, monkeypatch):
    resume_hooks(data_dir, hook_address("127.0.0.1", 1))
    assert (data_dir / "hooks/server.json").exists()
    assert not launcher_path(data_dir).exists()
    monkeypatch.setattr(sys, "prefix", str(cache.parent.parent))
    resume_hooks(data_dir, hook_address("127.0.0.1", 1))
    before = launcher_path(data_dir).read_text()
    monkeypatch.setattr(sys, "prefix", str(cache / "archive"))
    monkeypatch.setattr(sys, "executable", str(cache / "archive/bin/python"))
    resume_hooks(data_dir, hook_address("127.0.0.1", 1))
    assert launcher_path(data_dir).read_text() == before

"""The command line on a fresh database, in a home directory of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from sage.cli.main import main


@dataclass
class Told:
    code: int
    out: str
    err: str

    @property
    def answer(self):
        return json.loads(self.out)


@pytest.fixture
def sage(postgres_dsn, tmp_path, monkeypatch, capsys, model_loaded_once):  # noqa: ARG001 - in effect
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)

    def run(*argv):
        capsys.readouterr()
        code = main([*map(str, argv), "--data-dir", str(tmp_path / "data")])
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return run

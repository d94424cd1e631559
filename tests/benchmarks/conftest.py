"""`python -m benchmarks` in this process, on a test server."""

import pytest

from benchmarks.__main__ import build_parser
from sage.cli.main import main
from tests.architecture.sources import ROOT


@pytest.fixture
def bench(monkeypatch, postgres_dsn, tmp_path, capsys):
    """Return a function that runs a benchmark; it returns the exit code and both outputs."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(*argv):
        code = main([str(word) for word in argv], build=build_parser)
        return code, *capsys.readouterr()

    return run

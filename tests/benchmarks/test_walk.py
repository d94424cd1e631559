"""`python -m benchmarks walk` counts what a call passes through."""

import json

from benchmarks.__main__ import build_parser
from sage.cli.main import main


def test_a_walk_lists_the_modules_of_a_call_and_nothing_else(
    monkeypatch, postgres_dsn, tmp_path, capsys
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("HOME", str(tmp_path))
    to = tmp_path / "walk.json"
    assert main(["walk", "--json", str(to)], build=build_parser) == 0
    told = json.loads(to.read_text())["walk"]
    passed = {(one["call"], one["way"]): set(one["modules"]) for one in told["walks"]}
    save, search = passed["save", "with a token"], passed["search", "with a token"]
    assert {"sage.service.memory", "sage.api.middleware.auth"} <= save & search
    assert "sage.service.search.pipeline" in search - save
    assert "sage.service.indexing" not in search
    assert "sage.access.accounts.tokens" in search - passed["search", "without a token"]
    assert "BearerAuth" in told["guards"]
    assert "middleware" in capsys.readouterr().out

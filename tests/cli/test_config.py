import json
import stat

import pytest

from sage.config.reference import render_env_example
from sage.config.variables import VARIABLES

SECRET = "s3cr3t-" + "x" * 40


def test_show_lists_every_variable_with_its_origin(sage, monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    env_file = tmp_path / "data/.env"
    env_file.write_text("SAGE_MAX_RESULTS=7\n")
    monkeypatch.setenv("SAGE_LOG_LEVEL", "ERROR")
    outcome = sage("config", "show", "--data-dir", tmp_path / "data")
    rows = {line.split()[0]: line for line in outcome.out.splitlines() if line.startswith("  ")}
    assert outcome.code == 0
    assert list(rows) == [variable.name for variable in VARIABLES]
    max_results = rows["SAGE_MAX_RESULTS"].split()
    assert max_results == ["SAGE_MAX_RESULTS", "7", "from", str(env_file), "line", "1"]
    assert rows["SAGE_LOG_LEVEL"].endswith("  from environment")
    assert rows["SAGE_DATA_DIR"].endswith("  from command line")
    assert rows["SAGE_TOKEN"].split() == ["SAGE_TOKEN", "(not", "set)"]
    assert rows["MCP_SERVER_PORT"].split() == ["MCP_SERVER_PORT", "17800"]
    changed = sage("config", "show", "--changed", "--data-dir", tmp_path / "data").out
    shown = [line.split()[0] for line in changed.splitlines() if line.startswith("  ")]
    assert set(shown) == {"SAGE_DATA_DIR", "SAGE_LOG_LEVEL", "SAGE_MAX_RESULTS"}


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_show_hides_every_secret(sage, monkeypatch, option):
    for variable in VARIABLES:
        if variable.is_secret:
            value = f"postgresql://sage:{SECRET}@db/sage" if "URL" in variable.name else SECRET
            monkeypatch.setenv(variable.name, value)
    outcome = sage("config", "show", *option)
    assert outcome.code == 0
    assert SECRET not in outcome.out + outcome.err
    assert "****" in outcome.out


def test_show_answers_machines(sage):
    rows = json.loads(sage("config", "show", "--json").out)
    assert {tuple(row) for row in rows} == {("variable", "value", "origin", "group")}
    assert {
        "variable": "MCP_SERVER_PORT", "value": "17800", "origin": "default", "group": "Server"
    } in rows  # fmt: skip


def test_check_is_content_with_nothing_set(sage, monkeypatch, free_port):
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port))
    outcome = sage("config", "check")
    assert outcome.code == 0
    assert outcome.out.startswith("the configuration is valid")


def test_check_lists_every_problem_with_its_fix(sage, monkeypatch, tmp_path):
    (tmp_path / "my.env").write_text("MCP_SERVER_PORT=99999\nEMBEDING_API_KEY=sk\n")
    monkeypatch.setenv("EMBEDDING_PROVIDER", "openai")
    monkeypatch.setenv("SAGE_TOEKN", SECRET)
    outcome = sage("config", "check", "--env-file", tmp_path / "my.env")
    assert outcome.code == 78
    for variable in ("MCP_SERVER_PORT", "EMBEDDING_BASE_URL", "EMBEDDING_MODEL", "SAGE_TOEKN"):
        assert f"  {variable}" in outcome.out
    assert "Did you mean EMBEDDING_API_KEY?" in outcome.out
    assert outcome.out.count("fix: ") == 5
    assert SECRET not in outcome.out


def test_check_looks_at_this_machine(sage, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = sage("config", "check", "--json", "--data-dir", tmp_path / "file")
    answer = json.loads(outcome.out)
    assert outcome.code == 78
    assert answer["ok"] is False
    assert "SAGE_DATA_DIR" in {problem["variable"] for problem in answer["problems"]}
    assert all(problem["hint"] for problem in answer["problems"])


def test_env_prints_the_documented_example(sage):
    outcome = sage("config", "env")
    assert (outcome.code, outcome.out) == (0, render_env_example())


def test_env_writes_a_file_only_its_owner_reads(sage, tmp_path):
    file = tmp_path / ".env"
    outcome = sage("config", "env", "--output", file)
    assert (outcome.code, outcome.out) == (0, "")
    assert file.read_text() == render_env_example()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("link", [False, True])
def test_env_never_overwrites(sage, tmp_path, link):
    file = tmp_path / ".env"
    if link:
        file.symlink_to(tmp_path / "elsewhere")
    else:
        file.write_text("SAGE_TOKEN=mine\n")
    outcome = sage("config", "env", "--output", file)
    assert outcome.code == 1
    assert "exists" in outcome.err
    assert "sage config env | diff" in outcome.err
    assert link or file.read_text() == "SAGE_TOKEN=mine\n"
    assert not (tmp_path / "elsewhere").exists()


def test_env_tells_when_it_cannot_write(sage, tmp_path):
    outcome = sage("config", "env", "--output", tmp_path / "no" / "where")
    assert outcome.code == 1
    assert "cannot be written" in outcome.err


def test_check_names_what_a_model_lacks_with_its_variable(sage, monkeypatch, free_port):
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port))
    monkeypatch.setenv("EMBEDDING_PROVIDER", "siliconflow")
    monkeypatch.setenv("EMBEDDING_MODEL", "unheard-of")
    monkeypatch.setenv("SILICONFLOW_API_KEY", "sk-1")
    outcome = sage("config", "check", "--json")
    assert outcome.code == 78
    (problem,) = json.loads(outcome.out)["problems"]
    assert problem["variable"] == "EMBEDDING_DIMENSIONS"
    assert problem["message"].startswith("is not set")


def test_show_says_that_a_value_is_wrong_or_that_none_differs(sage, monkeypatch):
    assert sage("config", "show", "--changed").err == "nothing differs from the defaults\n"
    monkeypatch.setenv("SAGE_MAX_RESULTS", "many")
    outcome = sage("config", "show")
    assert outcome.code == 0
    assert outcome.err == "1 problem: `sage config check` says what to do\n"

"""`sage config check --env`, `sage config diff`, and the examples of deploy/environments."""

import json
import shutil

import pytest

from sage.config.variables import BY_NAME
from tests.architecture.sources import ROOT

ENVIRONMENTS = BY_NAME["SAGE_ENV"].choices
EXAMPLES = ROOT / "deploy" / "environments"
TOKEN = "0123456789abcdef" * 4


@pytest.fixture
def examples(tmp_path):
    """Copy the examples to where the secrets that they name are, and give their folder."""
    for example in EXAMPLES.glob("*.env"):
        shutil.copy(example, tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/sage_token").write_text(f"{TOKEN}\n")
    (tmp_path / "secrets/database_url").write_text("postgresql://sage:pw@db.example.org/sage\n")
    return tmp_path


def test_check_answers_for_another_environment_than_the_present_one(sage, monkeypatch):
    monkeypatch.setenv("SAGE_ENV", "dev")
    monkeypatch.setenv("SAGE_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("SAGE_TOKEN", TOKEN)
    assert sage("config", "check", "--env", "dev").code == 0
    staging, prod = (sage("config", "check", "--env", env) for env in ("staging", "prod"))
    assert (staging.code, prod.code) == (0, 78)
    assert "staging: the configuration is valid: 1 warning" in staging.out
    assert "prod: the configuration is invalid: 1 problem" in prod.out
    assert all("SAGE_LOG_LEVEL" in outcome.out for outcome in (staging, prod))


def test_check_for_another_environment_does_not_look_at_this_machine(sage, tmp_path):
    (tmp_path / "file").write_text("")
    options = ("--data-dir", tmp_path / "file", "--json")
    assert json.loads(sage("config", "check", *options).out)["problems"]
    assert json.loads(sage("config", "check", "--env", "dev", *options).out) == {
        "ok": True,
        "problems": [],
    }


def test_check_knows_no_other_environments(sage):
    outcome = sage("config", "check", "--env", "production")
    assert outcome.code == 2
    assert "prod" in outcome.err


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_has_an_example_without_a_problem(sage, examples, environment):
    file = examples / f"{environment}.env"
    assert f"\nSAGE_ENV={environment}\n" in file.read_text()
    outcome = sage("config", "check", "--env", environment, "--env-file", file, "--json")
    assert json.loads(outcome.out) == {"ok": True, "problems": []}


def test_diff_shows_what_differs_between_two_environments(sage):
    outcome = sage("config", "diff", "dev", "prod")
    rows = [line.split() for line in outcome.out.splitlines()]
    assert outcome.code == 0
    assert rows[rows.index(["SAGE_LOG_FORMAT"]) + 1] == ["dev", "auto"]
    assert ["prod", "json", "from", "profile", "prod"] in rows
    assert "dev: the configuration is valid" in outcome.out
    assert "prod: the configuration is invalid: 1 problem" in outcome.out
    assert "MCP_SERVER_PORT" not in outcome.out


def test_diff_of_an_environment_with_itself_is_empty(sage):
    assert sage("config", "diff", "staging", "staging").out.startswith("no value differs")


def test_diff_compares_secrets_without_showing_them(sage, examples):
    other = examples / "other.env"
    other.write_text((examples / "prod.env").read_text().replace("sage_token", "other_token"))
    (examples / "secrets/other_token").write_text(TOKEN)
    same = json.loads(sage("config", "diff", examples / "prod.env", other, "--json").out)
    assert same["differences"] == []
    (examples / "secrets/other_token").write_text(TOKEN[::-1])
    changed = sage("config", "diff", examples / "prod.env", other, "--json").out
    (difference,) = json.loads(changed)["differences"]
    assert difference["variable"] == "SAGE_TOKEN"
    assert difference["first"]["value"] == difference["second"]["value"] == "********"
    assert TOKEN not in changed
    assert TOKEN[::-1] not in changed


def test_diff_of_files_names_their_lines(sage, examples):
    staging, prod = (examples / f"{name}.env" for name in ("staging", "prod"))
    answer = json.loads(sage("config", "diff", staging, prod, "--json").out)
    by_name = {one["variable"]: one for one in answer["differences"]}
    assert set(by_name) == {
        "SAGE_ENV", "SAGE_AUTH", "SAGE_PUBLIC_URL", "SAGE_LOG_LEVEL"
    }  # fmt: skip
    assert by_name["SAGE_ENV"]["first"] == {"value": "staging", "origin": f"{staging} line 2"}
    assert answer["problems"] == {"first": [], "second": []}


def test_diff_labels_files_by_what_tells_them_apart(sage, examples, tmp_path):
    staging, prod = (examples / f"{name}.env" for name in ("staging", "prod"))
    lines = sage("config", "diff", staging, prod).out.splitlines()
    assert "  staging.env  staging  from line 2" in lines
    assert "  prod.env     prod  from line 3" in lines
    assert "prod.env: the configuration is valid" in lines
    other = tmp_path / "other" / "prod.env"
    other.parent.mkdir()
    other.write_text("SAGE_ENV=dev\nSAGE_ENV=dev\n")
    told = sage("config", "diff", prod, other).out
    assert f"  {tmp_path.name}/prod.env  prod  from line 3" in told
    assert "other/prod.env: the configuration is valid: 1 warning" in told
    assert "is already set in line 1" in told
    assert str(tmp_path) not in told.replace(str(tmp_path / "secrets"), "")


def test_diff_needs_environments_or_files(sage):
    outcome = sage("config", "diff", "dev", "production")
    assert outcome.code == 2
    assert "'production' is neither an environment nor a file" in outcome.err
    assert "dev, staging, prod" in outcome.err

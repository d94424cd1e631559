from itertools import product

import pytest

from sage.config.reference import render_env_example, render_reference
from sage.config.variables import VARIABLES
from sage.errors import ConfigurationError
from tests.architecture.sources import ROOT
from tests.support.each import each

CANARY = "canary0123456789abcdefghijklmnopqrstuvwxyz"
DSNS = [
    "postgresql://u:{}@db/n",
    "postgresql://u:12/{}@db/n",
    "postgresql://u:a@b/{}@db/n",
    "postgresql://u:a?{}@db/n",
    "postgresql://u:a#{}@db/n",
    "postgresql://u:a {}@db/n",
    "postgresql://u:{}",
    "postgresql:{}@db/n",
    "postgresql:///n?host=/run&password={}",
    "postgresql://db/n?host=x&password={}",
    "postgresql://u@a,b/n?target_session_attrs=any&password={}",
    "mysql://u:{}@db/n",
    "postgresql://u:{}@[db/n",
    "{}",
]
SECRETS = [variable.name for variable in VARIABLES if variable.is_secret]
PLACES = ["environment", "file", "dotenv", "toml"]
FORMS = ["{}", " {} ", "{}\u00e9", "x{}\ty"]


def put(folder, place, name, value):
    """Set a variable in one of the layers alone; return the environment for it."""
    environ = {"HOME": str(folder)}
    for layer in (".env", "sage.toml"):
        (folder / layer).unlink(missing_ok=True)
    match place:
        case "environment":
            return environ | {name: value}
        case "file":
            (folder / "secret").write_text(value)
            return environ | {f"{name}_FILE": "secret"}
        case "dotenv":
            (folder / ".env").write_text(f"{name}='{value}'\n")
        case "toml":
            (folder / "sage.toml").write_text(f"{name} = '{value}'\n")
    return environ


def everything_said(found):
    """Give all that a configuration lets people see, by whatever way."""
    said = [repr(found.values), found.other_database()]
    try:
        settings = found.require_settings()
    except ConfigurationError as error:
        said += [str(error), error.detail, error.hint, repr(error), repr(error.problems)]
        said += [repr(error.__cause__), repr(error.__context__)]
    else:
        said += [repr(settings), str(settings), str(settings.model_dump())]
        said.append(settings.model_dump_json())
    return "\n".join(said)


def test_the_secrets_are_known():
    assert set(SECRETS) == {
        "SAGE_TOKEN",
        "DATABASE_URL",
        "DATABASE_READ_URL",
        "SAGE_MOVE_FROM",
        "SAGE_MOVE_TO",
        "SAGE_RESTORE_INTO",
        "DB_PASSWORD",
        "EMBEDDING_API_KEY",
        "SILICONFLOW_API_KEY",
    }


@each(("name", "place", "form"), product(SECRETS, PLACES, FORMS))
def test_no_secret_good_or_bad_is_ever_shown(read, folder, name, place, form):
    environ = put(folder, place, name, form.format(CANARY))
    assert CANARY not in everything_said(read(environ))


@each("form", DSNS)
def test_no_password_in_an_address_is_ever_shown(read, folder, form):
    environ = put(folder, "environment", "DATABASE_URL", form.format(CANARY))
    assert CANARY not in everything_said(read(environ))


@pytest.mark.parametrize("name", ["SAGE_PUBLIC_URL", "EMBEDDING_BASE_URL", "SILICONFLOW_BASE_URL"])
def test_no_password_in_a_web_address_is_ever_shown(read, folder, name):
    environ = put(folder, "environment", name, f"https://u:{CANARY}@api.example.org/v1")
    assert CANARY not in everything_said(read(environ))


def test_a_short_token_is_not_shown_either(read, folder):
    environ = put(folder, "environment", "SAGE_TOKEN", CANARY[:12])
    assert CANARY[:12] not in everything_said(read(environ))


def test_a_secret_put_together_from_parts_is_not_shown(read):
    environ = {"DB_HOST": "db", "DB_NAME": "n", "DB_USER": "u", "DB_PASSWORD": CANARY}
    assert CANARY not in everything_said(read(environ))


def test_the_hunt_finds_what_is_shown(read, folder):
    environ = put(folder, "environment", "EMBEDDING_MODEL", CANARY)
    assert CANARY in everything_said(read(environ))


def test_set_secrets_are_shown_as_set(read, folder):
    environ = put(folder, "environment", "SAGE_TOKEN", CANARY)
    shown = {value.variable: value.value for value in read(environ).values}
    assert shown["SAGE_TOKEN"] == "********"
    assert shown["DB_PASSWORD"] == ""


def test_of_an_address_all_but_the_password_is_shown(read):
    environ = {"DATABASE_URL": f"postgresql://sage:{CANARY}@db:5432/memory"}
    shown = {value.variable: value.value for value in read(environ).values}
    assert shown["DATABASE_URL"] == "postgresql://sage:********@db:5432/memory"
    where = "a,b:6432/memory?target_session_attrs=read-write&sslmode=require"
    environ = {"DATABASE_URL": f"postgresql://sage:{CANARY}@{where}"}
    shown = {value.variable: value.value for value in read(environ).values}
    assert shown["DATABASE_URL"] == f"postgresql://sage:********@{where}"


def test_a_value_cannot_write_to_the_terminal(read):
    environ = {"EMBEDDING_MODEL": "a\x1b[2J\r\nb", "MCP_SERVER_PORT": "\x1b[31mred"}
    said = everything_said(read(environ))
    assert "\x1b" not in said
    assert "\r" not in said


def test_the_documents_hold_no_default_secret():
    for variable in VARIABLES:
        if variable.is_secret:
            assert variable.default is None
            assert f"\n{variable.name}=\n" in render_env_example()
    assert "********" not in render_reference((ROOT / "docs/configuration.md").read_text())

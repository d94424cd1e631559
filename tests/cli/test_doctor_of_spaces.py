"""What `sage doctor` says of a database whose owner is no superuser, step by step."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

import pytest

from tests.support.postgres import ask


@pytest.fixture
def owned(postgres_server, monkeypatch):
    """Name a database as its owner's, who is no superuser and may create no roles."""
    name = f"sage_owner_{secrets.token_hex(4)}"
    server = urlsplit(postgres_server)
    own = server._replace(
        netloc=f"{name}@{server.hostname}:{server.port}", path=f"/{name}"
    ).geturl()
    ask(postgres_server, f"CREATE ROLE {name} LOGIN")
    ask(postgres_server, f"CREATE DATABASE {name} OWNER {name}")
    ask(server._replace(path=f"/{name}").geturl(), "CREATE EXTENSION vector")
    monkeypatch.setenv("DATABASE_URL", own)
    yield name
    ask(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")
    ask(postgres_server, f"DROP ROLE IF EXISTS sage_app_of_{name}")
    ask(postgres_server, f"DROP ROLE {name}")


def test_its_hints_lead_to_requests_that_log_in_as_the_role(sage, owned, postgres_server, tmp_path):
    role = f"sage_app_of_{owned}"

    def examined():
        assert sage("migrate", "up", "--data-dir", tmp_path).code == 0
        checks = json.loads(sage("doctor", "--json", "--data-dir", tmp_path).out)["checks"]
        return next(one for one in checks if one["name"] == "spaces")

    def obey(hint):
        statements = hint.removeprefix("ask an administrator to run ").split("; ")
        for statement in statements:
            if statement.split()[0].isupper():
                ask(postgres_server, statement)

    found = examined()
    assert found["status"] == "warning"
    assert found["detail"].startswith("separated by Sage only")
    obey(found["hint"])
    found = examined()
    assert found["status"] == "warning"
    assert found["detail"].startswith(
        f"also separated by the database, but requests log in as {owned}: {role} may not"
    )
    obey(found["hint"])
    inside = urlsplit(postgres_server)._replace(path=f"/{owned}").geturl()
    ask(inside, f"DROP OWNED BY {role}")
    ask(inside, f"DROP ROLE {role}")
    checks = json.loads(sage("doctor", "--json", "--data-dir", tmp_path).out)["checks"]
    found = next(one for one in checks if one["name"] == "spaces")
    assert (found["status"], found["hint"]) == ("warning", "start Sage, which creates it")
    found = examined()
    assert (found["status"], found["detail"]) == ("ok", "also separated by the database")

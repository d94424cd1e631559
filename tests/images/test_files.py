"""Rules that the compose file, the Dockerfile and the swarm's translation keep."""

import json
import re
import shutil
import sys

import pytest

from sage import __version__
from tests.support.docker import ROOT, clone_of_the_tree, run

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def services():
    if shutil.which("docker") is None:
        pytest.skip("images: docker compose is not installed")
    command = ("docker", "compose", "--profile", "*", "config", "--format", "json")
    return json.loads(run(*command, env={"COMPOSE_DISABLE_ENV_FILE": "1"}).stdout)["services"]


def test_no_service_has_more_rights_or_room_than_it_needs(services):
    for service in services.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_every_service_has_a_health_check(services):
    dockerfile_has_it = "HEALTHCHECK" in DOCKERFILE
    assert [n for n, s in services.items() if "healthcheck" not in s] == ["sage-mcp"]
    assert dockerfile_has_it


def test_what_is_published_is_published_on_loopback_only(services):
    published = {
        (name, port["host_ip"]) for name, s in services.items() for port in s.get("ports", [])
    }
    assert {name for name, _ in published} == {"sage-mcp", "prometheus", "grafana"}
    assert {address for _, address in published} == {"127.0.0.1"}


def test_nothing_secret_has_a_default():
    defaults = re.findall(r"\$\{(\w*(?:PASSWORD|TOKEN|_KEY)):?-([^}]*)\}", COMPOSE)
    assert [name for name, value in defaults if value] == []
    assert re.findall(r"(?:PASSWORD|TOKEN)(?:_FILE)?: +(?!\$|/run/secrets/)\S+", COMPOSE) == []


def test_images_from_registries_are_pinned_by_digest():
    published = re.findall(r"IMAGE:-([^}]*/[^}]*)\}", COMPOSE)
    published += re.findall(r"ARG PYTHON_IMAGE=(.*)", DOCKERFILE)
    assert len(published) == 5
    assert [one for one in published if not re.search(r"@sha256:[0-9a-f]{64}$", one)] == []


def test_the_label_is_the_version_of_the_package():
    assert f"ARG SAGE_VERSION={__version__}\n" in DOCKERFILE


def test_secrets_are_made_once_and_taken_from_dotenv_where_it_has_them(tmp_path):
    clone = clone_of_the_tree(tmp_path / "a clone")
    (clone / ".env").write_text(f"SAGE_TOKEN='{'t' * 40}'\nDB_PASSWORD=\n", encoding="utf-8")
    run("deploy/make-secrets", cwd=clone)
    folder = clone / "secrets"
    made = {file.name: file.read_text(encoding="ascii") for file in folder.iterdir()}
    assert made["sage_token"] == "t" * 40
    assert re.fullmatch("[0-9a-f]{64}", made["db_password"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}
    assert run("deploy/make-secrets", cwd=clone).stdout == ""
    assert {file.name: file.read_text(encoding="ascii") for file in folder.iterdir()} == made


def test_the_translation_for_a_swarm_keeps_what_a_swarm_knows(services):
    command = ("docker", "compose", "config", "--format", "json")
    project = run(*command).stdout
    stack = json.loads(run(sys.executable, "deploy/swarm/stack.py", stdin=project).stdout)
    sage, postgres = stack["services"]["sage-mcp"], stack["services"]["postgres"]
    left_out = {"build", "depends_on", "extra_hosts", "restart", "security_opt", "shm_size"}
    assert services["sage-mcp"].keys() - sage.keys() <= left_out | {"command", "entrypoint"}
    assert services["postgres"].keys() - postgres.keys() <= left_out | {"command", "entrypoint"}
    assert sage["deploy"]["update_config"]["order"] == "start-first"
    assert sage["deploy"]["update_config"]["failure_action"] == "rollback"
    assert stack["secrets"].keys() == {"db_password", "sage_token"}
    assert stack["networks"]["database"]["internal"]
    assert sage["ports"] == []


def test_the_container_is_told_the_time_zone_it_cannot_see():
    assert "SAGE_TIMEZONE: ${SAGE_TIMEZONE:-}" in COMPOSE
    assert "TZ: ${TZ:-}" in COMPOSE

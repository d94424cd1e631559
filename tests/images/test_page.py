"""The shell blocks of docs/containers.md, run in order in a fresh clone."""

import secrets

import pytest

from tests.docs.pages import shell_blocks
from tests.support.docker import (
    ROOT,
    clone_of_the_tree,
    docker,
    eventually,
    free_port,
    remove_stack,
    run,
)

PAGE = (ROOT / "docs/containers.md").read_text(encoding="utf-8")
CLAUDE = '#!/bin/sh\nprintf "%s\\n" "$@" >"$HOME/arguments"\n'


class Person:
    """Somebody with a fresh clone and a `claude`; images and names are theirs alone."""

    def __init__(self, home, authority):
        self.home, self.clone = home, clone_of_the_tree(home / "clone of sage")
        self.project = f"sage-test-{secrets.token_hex(4)}"
        self.port = str(free_port())
        (home / "claude").write_text(CLAUDE)
        (home / "claude").chmod(0o755)
        self.env = {
            "COMPOSE_PROJECT_NAME": self.project,
            "HOME": str(home),
            "MCP_SERVER_PORT": "",
            "SAGE_BUILD_CA": authority,
            "SAGE_IMAGE": f"sage-mcp:{self.project}",
        }

    def types(self, line, *, check=True):
        line = line.replace("sage2", f"{self.project}2").replace("17801", str(free_port()))
        if "--docker" in line and "=" not in line:
            line += f" --port {self.port}"  # the page's own may be taken
        script = f'PATH="{self.home}:$PATH"; {line}'
        return run("bash", "-c", script, cwd=self.clone, env=self.env, check=check, timeout=800)

    def has(self, kind):
        every = ("--all",) if kind == "container" else ()
        return docker(kind, "ls", "--quiet", *every, "--filter", f"name={self.project}")


@pytest.fixture
def person(private_engine, bases, variables, tmp_path):  # noqa: ARG001 - it must answer
    one = Person(tmp_path, variables["SAGE_BUILD_CA"])
    kept = {image: f"sage-test-kept:{kind.lower()}" for kind, image in bases.items()}
    for image, copy in kept.items():
        docker("tag", image, copy)
    one.restore_bases = lambda: [docker("tag", copy, image) for image, copy in kept.items()]
    yield one
    one.restore_bases()
    docker("rmi", *kept.values())
    down = "down --volumes --timeout 5"
    for name in (one.project, f"{one.project}2"):
        one.types(f"docker compose --project-name {name} {down}", check=False)
    remove_stack("sage")
    run("docker", "swarm", "leave", "--force", check=False)
    for volume in docker("volume", "ls", "--quiet", "--filter", "name=^sage_").split():
        eventually(
            lambda volume=volume: (
                run("docker", "volume", "rm", volume, check=False).returncode == 0
            ),
            f"removing {volume}",
        )
    run("docker", "rmi", one.env["SAGE_IMAGE"], check=False)


def test_every_command_of_the_page_works_and_those_that_remove_leave_nothing(person):
    answers = {}
    for line in shell_blocks(PAGE).splitlines():
        answers[line] = person.types(line).stdout
        if "image rm" in line:
            assert not person.has("container")
            assert not person.has("volume")
            assert not person.has("network")
            assert docker("image", "ls", "--quiet", "sage-base-*") == ""
            person.restore_bases()
    token = (person.clone / "secrets/sage_token").read_text()
    header = (person.home / "arguments").read_text().splitlines()[-1]
    assert header == f"Authorization: Bearer {token}"
    assert f":{person.port}/mcp" in answers["./start-sage-mcp.sh --docker"]
    replicas = docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}").splitlines()
    assert sorted(replicas) == ["sage_postgres 1/1", "sage_sage-mcp 1/1"]

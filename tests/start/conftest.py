"""A machine that has only what a test gives it: a checkout, a few programs, perhaps a Docker."""

from __future__ import annotations

import shutil
import socket
import subprocess

import pytest

from tests.architecture.sources import ROOT

SCRIPT = "start-sage-mcp.sh"
_LOCKS = ("requirements-lock.txt", "requirements-embedded-lock.txt", "requirements-build-lock.txt")
_FOLDERS = ("deploy/start", "deploy/images")
_FILES = (SCRIPT, "pyproject.toml", ".env.example", "Dockerfile", ".dockerignore", "LICENSE")
_COMPOSED = ("docker-compose.yml", "docker-entrypoint.sh", "deploy/make-secrets")
_NEEDED = ("bash", "cat", "chmod", "cksum", "date", "df", "dirname", "env", "find", "id", "ln")
_NEEDED += ("mkdir", "mktemp", "mv", "od", "readlink", "rm", "sed", "sleep", "sort", "tail", "tr")
_NEEDED += ("xargs",)

# A client and its engine, as good as they are told to be: FAKE_* say what is otherwise.
_DOCKER = r"""#!/usr/bin/env bash
case "$*" in
    info*) printf '%s\n' "${FAKE_INFO-engine=29.1.0 1 /var/lib/docker}" ;;
    "compose version"*) printf '%s\n' "${FAKE_COMPOSE-2.40.0}" && exit "${FAKE_COMPOSE_CODE:-0}" ;;
    "context inspect"*) printf '%s\n' "${FAKE_ENDPOINT-unix:///run/docker.sock}" ;;
    "volume inspect"*) [ -n "${FAKE_VOLUME:-}" ] ;;
    "buildx version"*) exit "${FAKE_BUILDX_CODE:-0}" ;;
    "image inspect"*) [[ yes == "${FAKE_IMAGES:-}" || ${!#} == "${FAKE_IMAGES:-}" ]] && echo old ;;
    pull*) printf 'no such host\n' >&2 && exit 1 ;;
    ps*) printf '%s\n' "${FAKE_CONTAINER:-}" ;;
    inspect*working_dir*) printf '%s\n' "${FAKE_FOLDER:-}" ;;
    inspect*PortBindings*) printf '%s\n' "${FAKE_PORT:-}" ;;
    inspect*State.Running*) printf 'false\n' ;;
    inspect*) printf '%s\n' "${FAKE_STATE:-}" ;;
    exec*healthcheck*) printf '%s\n' "${FAKE_READINESS:-}" >&2 && [ -z "${FAKE_READINESS:-}" ] ;;
    logs*) printf 'sage: the last words\n' ;;
    stop*) printf '%s\n' "$*" >>"${0%/*}/stopped" ;;
    *" config "*) printf '%s' "${FAKE_CONFIG:-}" && [ -z "${FAKE_CONFIG:-}" ] ;;
    *" up "*) printf '%s\n' "${FAKE_UP:-}" && : >"${0%/*}/came-up" && exit "${FAKE_UP_CODE:-0}" ;;
esac
"""


@pytest.fixture
def machine(tmp_path):
    """Make a machine with a checkout in a path with a space, and neither Python nor Docker."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in _NEEDED:
        (programs / name).symlink_to(shutil.which(name))
    checkout = tmp_path / "my code"
    for name in (*_FILES, *_COMPOSED, *_LOCKS):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, checkout / name)
    (checkout / "sage").mkdir()

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = {"MCP_SERVER_PORT": str(server.getsockname()[1])}

    def run(*args, script=checkout / SCRIPT, **variables):
        return subprocess.run(
            [script, *map(str, args)],
            env={"PATH": str(programs), "HOME": str(tmp_path), **port, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def program(name, text, folder=programs):
        folder.mkdir(exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    run.checkout = checkout
    run.data_dir = tmp_path / ".local/share/sage"
    run.program = program
    run.stopped = programs / "stopped"
    run.came_up = programs / "came-up"
    return run


@pytest.fixture
def docker_machine(machine):
    """Give the machine a Docker, and builders that fail unless a test replaces them."""
    machine.program("docker", _DOCKER)
    machine.images = machine.checkout / "deploy/images"
    for name in ("build", "make-base-images"):
        machine.program(name, "#!/bin/sh\nexit 1\n", machine.images)
    return machine

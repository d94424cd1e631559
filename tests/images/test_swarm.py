"""The compose file on a one-node swarm: rolling over to a new version, and back from a bad one."""

import json
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.support.docker import Project, docker, eventually, remove_stack, run

CLIENT = Path(__file__).with_name("swarm_client.py")
_SEARCH = ("sage", "search", "where is the kettle")


@pytest.fixture
def swarm(private_engine):  # noqa: ARG001 - it must answer
    run("docker", "swarm", "leave", "--force", check=False)  # one that a killed run left behind
    docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1")
    yield
    docker("swarm", "leave", "--force")


@pytest.fixture
def stack(swarm, variables, runtime, tmp_path):  # noqa: ARG001 - there must be one
    one = Project(tmp_path, SAGE_IMAGE=runtime, SAGE_ALLOWED_HOSTS="sage-mcp", **variables)
    deploy(one)
    yield one
    run("docker", "service", "rm", f"{one.name}-client", check=False)
    remove_stack(one.name)
    volumes = ("volume", "ls", "--quiet", "--filter", f"name={one.name}")
    eventually(lambda: _removed(docker(*volumes).split()), "removing the volumes")


def deploy(stack):
    stack.script("deploy/swarm/deploy", stack.name, timeout=200)


def derived(runtime, name, line):
    docker("build", "--quiet", "--tag", name, "-", stdin=f"FROM {runtime}\n{line}\n")
    return name


def test_a_new_version_rolls_in_and_a_bad_one_rolls_back_without_a_failed_request(stack, runtime):
    good = derived(runtime, "sage-mcp:test-next", "LABEL next=1")
    bad = derived(runtime, "sage-mcp:test-bad", 'ENTRYPOINT ["sh", "-c", "exit 1"]')
    service = f"{stack.name}_sage-mcp"
    client = _start_client(stack, runtime)
    stack.env["SAGE_IMAGE"] = good
    deploy(stack)
    rolled_to = _image_of(service)
    stack.env["SAGE_IMAGE"] = bad
    stack.script("deploy/swarm/deploy", stack.name, timeout=200, check=False)
    eventually(lambda: _update_state(service) == "rollback_completed", "rolling back", 120)
    account = _stop_client(client)
    assert rolled_to.startswith(good)
    assert _image_of(service).startswith(good)
    assert account["failures"] == []
    assert account["requests"] > 50
    assert len(account["tasks"]) >= 2, "both versions answered"


@pytest.mark.usefixtures("swarm")
def test_an_image_that_is_not_there_is_named_before_anything_is_deployed(variables, tmp_path):
    one = Project(tmp_path, **variables, SAGE_IMAGE="sage-mcp:test-missing")
    refused = one.script("deploy/swarm/deploy", one.name, check=False, timeout=60)
    assert refused.returncode == 1
    assert "sage-mcp:test-missing is neither here nor can it be pulled" in refused.stderr
    assert docker("stack", "ls", "--format", "{{.Name}}") == ""


@pytest.mark.usefixtures("swarm")
def test_a_stack_gives_way_to_a_compose_project_and_then_takes_its_data_over(project):
    # A swarm that was left took the names of containers that ran, and one that has just begun
    # changes the rules of networks that are there.
    project.compose("restart", "--timeout", "30")
    eventually(lambda: project.status("/health/readiness") == HTTPStatus.OK, "being ready")
    project.save("The kettle is in the second box.")
    name = project.name
    refused = project.script("deploy/swarm/deploy", name, check=False, timeout=60)
    assert refused.returncode == 1
    assert f"network {name}_database belongs to the Compose project {name}" in refused.stderr
    project.compose("down", "--timeout", "30")
    deploy(project)
    try:
        container = docker(*_containers_of(f"{name}_sage-mcp"))
        assert "The kettle is in the second box." in docker("exec", container, *_SEARCH)
    finally:
        remove_stack(name)
        project.up()


def _start_client(stack, image):
    name = f"{stack.name}-client"
    docker(
        *("service", "create", "--detach", "--quiet", "--name", name, "--restart-condition"),
        *("none", "--network", f"{stack.name}_edge", "--env", f"SAGE_TOKEN={stack.token}"),
        *("--mount", "type=tmpfs,destination=/data"),  # else a volume without a name stays behind
        "--no-healthcheck",  # no Sage runs in it: the swarm would end it after some minutes
        *(image, "python3", "-c", CLIENT.read_text(encoding="utf-8")),
    )
    container, _ = eventually(lambda: docker(*_containers_of(name)), "starting the client")
    eventually(lambda: "began" in run("docker", "logs", container).stdout, "the first answer")
    return container


def _containers_of(service):
    return ("ps", "--quiet", "--filter", f"label=com.docker.swarm.service.name={service}")


def _stop_client(container):
    docker("exec", container, "sh", "-c", ": > /tmp/stop")
    docker("wait", container)
    return json.loads(run("docker", "logs", container).stdout.splitlines()[-1])


def _image_of(service):
    return docker(
        "service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}", service
    )


def _update_state(service):
    return docker("service", "inspect", "--format", "{{.UpdateStatus.State}}", service)


def _removed(volumes):
    return not volumes or run("docker", "volume", "rm", *volumes, check=False).returncode == 0

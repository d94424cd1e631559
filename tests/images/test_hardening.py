"""The running containers hold the limits the compose file promises."""

import json

import pytest

from tests.support.docker import docker


@pytest.mark.parametrize("service", ["sage-mcp", "postgres"])
def test_a_container_has_no_more_rights_than_it_needs(project, service):
    container = project.inspect(service)
    host = container["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] == 256
    assert not [m for m in container["Mounts"] if "docker.sock" in m["Source"]]


@pytest.mark.parametrize("service", ["sage-mcp", "postgres"])
def test_the_first_process_holds_no_capability(project, service):
    status = dict(
        line.split(":\t", 1)
        for line in docker("exec", project.container(service), *_SHOW[service]).splitlines()
        if ":\t" in line
    )
    assert int(status["CapEff"], 16) == 0
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Uid"].split() == [_USER[service]] * 4


def test_sage_is_published_on_loopback_and_postgres_not_at_all(project):
    published = project.inspect("sage-mcp")["NetworkSettings"]["Ports"]["17800/tcp"]
    assert [port["HostIp"] for port in published] == ["127.0.0.1"]
    assert not project.inspect("postgres")["HostConfig"]["PortBindings"]


def test_postgres_cannot_reach_out(project):
    networks = project.inspect("postgres")["NetworkSettings"]["Networks"]
    (name,) = networks
    assert json.loads(docker("network", "inspect", name))[0]["Internal"]
    reach = "exec 3<>/dev/tcp/192.0.2.1/9"
    ran = project.compose(
        "exec", "--no-TTY", "postgres", "bash", "-c", f"({reach}) 2>&1; echo", check=False
    )
    assert "Network is unreachable" in ran


def test_no_secret_is_in_the_environment_the_arguments_or_the_logs(project):
    password = (project.place / "secrets/db_password").read_text()
    for service in ("sage-mcp", "postgres"):
        seen = json.dumps(project.inspect(service)) + project.compose("logs", service)
        assert project.token not in seen
        assert password not in seen
    assert project.token not in project.compose("config")


def test_each_project_has_secrets_of_its_own(project):
    assert len(project.token) == 64
    assert project.token != (project.place / "secrets/db_password").read_text()
    assert (project.place / "secrets").stat().st_mode & 0o777 == 0o700


_SHOW = {
    "sage-mcp": ("python3", "-c", "print(open('/proc/1/status').read())"),
    "postgres": ("cat", "/proc/1/status"),
}
_USER = {"sage-mcp": "10001", "postgres": "999"}

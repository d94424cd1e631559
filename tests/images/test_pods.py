"""The pods of the Helm chart on Docker, since there is no cluster.

As rendered: the same image, arguments, environment, user, file systems, probes, order of stopping.
"""

import re
import secrets
import shutil
import sys

import httpx
import pytest

from tests.support.docker import docker, eventually, run
from tests.support.load import load_on
from tests.support.pods import Node, Proxy, render
from tests.support.ports import free_port

HOST = "sage.example.org"
PRE_STOP_S, LATE_S = 4, 2
"""How long a pod waits for SIGTERM, and when proxies have learned that it is going."""
STARVED = "the database does not answer in time"
"""What a machine that is too busy for PostgreSQL fails with, which no update is to blame for."""
TOKEN = secrets.token_hex(32)


@pytest.fixture(scope="module")
def objects():
    """Render the chart for production."""
    tools = run("ci/tools", "kubernetes", check=False, timeout=600)
    if tools.returncode == 3:
        pytest.skip(f"images: {tools.stderr.strip().splitlines()[-1]}")
    assert tools.returncode == 0, tools.stderr
    values = {
        "image.repository": "registry.example.org/sage",
        "secret.existing": "sage",
        "host": HOST,
        "metrics.enabled": "true",
        "backup.enabled": "true",
        "shutdown.preStopSeconds": PRE_STOP_S,
    }
    options = (word for name, value in values.items() for word in ("--set", f"{name}={value}"))
    return render(tools.stdout.strip(), *options)


@pytest.fixture(scope="module")
def node(objects, runtime, bases, tmp_path_factory):  # noqa: ARG001 - the image is there
    """Make a network with a PostgreSQL, and the Secret that the chart expects."""
    name = f"sage-test-{secrets.token_hex(4)}"
    password = secrets.token_hex(16)
    secret = {"DATABASE_URL": f"postgresql://sage:{password}@postgres/sage", "SAGE_TOKEN": TOKEN}
    one = Node(name, tmp_path_factory.mktemp("node"), objects, {"sage": secret})
    try:
        docker(
            *("run", "--detach", "--name", f"{name}-postgres", "--network", name),
            *("--network-alias", "postgres", "--user", "999:999"),
            *("--tmpfs", "/var/lib/postgresql/data:uid=999,gid=999,mode=700"),
            *("--tmpfs", "/var/run/postgresql:uid=999", "--shm-size", "256m"),
            *("--env", "POSTGRES_DB=sage", "--env", "POSTGRES_USER=sage"),
            *("--env", f"POSTGRES_PASSWORD={password}", bases["SAGE_POSTGRES_IMAGE"]),
        )
        ready = ("exec", f"{name}-postgres", "pg_isready", "--host=127.0.0.1", "--dbname=sage")
        eventually(lambda: run("docker", *ready, check=False).returncode == 0, "PostgreSQL")
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="module")
def migrated(node, objects, runtime):
    """Run the Job that comes before everything else to its end."""
    job = objects["Job", "sage-migrate"]["spec"]["template"]["spec"]
    pod = node.run_pod("migrate", job, runtime)
    eventually(lambda: not pod.state["Running"], "the migration")
    return pod


@pytest.fixture(scope="module")
def start(node, objects, runtime, migrated):  # noqa: ARG001 - the schema is there
    """Give a way to start a replica of the Deployment."""
    spec = objects["Deployment", "sage"]["spec"]["template"]["spec"]

    def replica(name):
        pod = node.run_pod(name, spec, runtime)
        pod.wait_until_ready()
        return pod

    return replica


@pytest.fixture(scope="module")
def replicas(start):
    """Start three replicas."""
    return [start(f"server-{number}") for number in range(3)]


@pytest.fixture
def proxy(tmp_path):
    """Give nginx in place of the Service."""
    if shutil.which("nginx") is None and run("ci/lib/debian", "nginx", check=False).returncode:
        pytest.skip("images: nginx is not installed (Debian: apt-get install nginx)")
    tmp_path.chmod(0o755)
    one = Proxy(tmp_path, free_port(), HOST)
    yield one
    one.stop()


def test_the_migration_job_brings_the_schema_up_to_date(migrated):
    assert migrated.state["ExitCode"] == 0, migrated.log
    assert "applied" in migrated.log


def test_the_cron_job_makes_a_backup_that_every_replica_knows_of(node, objects, backup, replicas):
    job = objects["CronJob", "sage-backup"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    pod = node.run_pod("backup", job, backup)
    eventually(lambda: not pod.state["Running"], "the backup")
    assert pod.state["ExitCode"] == 0, pod.log
    (file,) = (node.folder / "backup-backups").iterdir()
    run(sys.executable, "-m", "sage", "restore", file, "--check")
    recorded = re.compile(r"^sage_backup_last_success_timestamp_seconds [1-9]", re.MULTILINE)
    for replica in replicas:
        url = f"http://{replica.address}:17880/metrics"
        # what is not read from the database within a second is left out of an answer
        eventually(lambda: recorded.search(httpx.get(url, timeout=10).text), "the metric")  # noqa: B023 - called at once


def test_every_probe_passes_and_says_what_it_is_for(replicas):
    for pod in replicas:
        for kind, path in (("livenessProbe", "liveness"), ("readinessProbe", "readiness")):
            assert pod.container[kind]["httpGet"]["path"] == f"/health/{path}"
            assert pod.probe(kind).status_code == 200


def test_a_probe_for_the_address_of_the_pod_would_be_refused(replicas):
    assert (
        replicas[0].probe("livenessProbe", Host=f"{replicas[0].address}:17800").status_code == 421
    )


def test_the_service_and_the_public_name_are_hosts_that_it_answers_for(replicas, objects):
    ports = objects["Service", "sage"]["spec"]["ports"]
    hosts = [HOST, "sage", "sage.memory.svc", f"sage.memory.svc.cluster.local:{ports[0]['port']}"]
    url = f"http://{replicas[0].address}:17800/health"
    for host in hosts:
        assert httpx.get(url, headers={"host": host}, timeout=10).status_code == 200


def test_metrics_need_no_token_on_their_port_and_nothing_else_is_there(replicas):
    url = f"http://{replicas[0].address}:17880"
    assert "sage_build_info" in httpx.get(f"{url}/metrics", timeout=10).text
    assert httpx.get(f"{url}/api/v1/stats", timeout=10).status_code == 404


def test_a_pod_runs_as_its_spec_says(replicas):
    script = (
        "import os; print(os.getuid(), os.getgid()); print(open('/proc/self/status').read());"
        "open('/data/x', 'w'); open('/tmp/x', 'w'); open('/x', 'w')"
    )
    ran = run("docker", "exec", replicas[0].name, "python3", "-c", script, check=False)
    assert ran.stdout.startswith("10001 10001\n")
    assert "CapEff:\t0000000000000000" in ran.stdout
    assert "NoNewPrivs:\t1" in ran.stdout
    assert "Read-only file system: '/x'" in ran.stderr


def test_a_rolling_update_of_three_replicas_fails_no_request(node, start, replicas, proxy, tell):
    serving = list(replicas)
    proxy.serve([pod.address for pod in serving])
    with load_on(f"http://127.0.0.1:{proxy.port}", TOKEN) as account:
        eventually(lambda: len(account.memory_ids) > 20, "saving")
        took_s = []
        for number, old in enumerate(replicas):
            serving.append(start(f"next-{number}"))
            proxy.serve([pod.address for pod in serving])
            serving.remove(old)
            took_s.append(
                old.end(
                    removed=lambda: proxy.serve([pod.address for pod in serving]),
                    removed_after_s=LATE_S,
                )
            )
            assert old.state["ExitCode"] == 0
    tell(f"{account.requests} requests, {len(account.failures)} failed; ended in {took_s} s")
    assert [one for one in account.failures if STARVED not in one] == []
    assert set(account.memory_ids) <= node.memory_ids()


def test_without_the_wait_before_sigterm_requests_fail(start, proxy, tell):
    """The control of the test above: proxies learn too late that a pod is going."""
    staying, going = start("staying"), start("going")
    proxy.serve([staying.address, going.address])
    with load_on(f"http://127.0.0.1:{proxy.port}", TOKEN) as account:
        eventually(lambda: len(account.memory_ids) > 20, "saving")
        going.end(
            removed=lambda: proxy.serve([staying.address]),
            removed_after_s=LATE_S,
            with_pre_stop=False,
        )
    tell(f"{account.requests} requests, {len(account.failures)} failed")
    assert account.failures

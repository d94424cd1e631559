"""Two PostgreSQL 17 under Patroni with etcd, behind HAProxy; all from Debian's packages."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil

from tests.support import plain_http
from tests.support.debian import require_debian
from tests.support.polling import wait_for
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BINARIES = Path("/usr/lib/postgresql/17/bin")
_PACKAGES = (
    *("postgresql-17", "postgresql-17-pgvector", "patroni", "python3-etcd", "python3-dnspython"),
    *("etcd-server", "haproxy"),
)
_START_S = 90.0
_SYNC_STATES = {"sync_standby": "sync", "replica": "async"}
_ACCOUNT = "postgres"
_NODE = """
scope: sage
name: {name}
restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}
etcd3: {{hosts: '127.0.0.1:{etcd}'}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    synchronous_mode: {synchronous}
    postgresql: {{use_pg_rewind: true}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, {{auth: trust}}, data-checksums]
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {folder}/{name}
  bin_dir: {binaries}
  pgpass: {folder}/{name}.pgpass
  authentication: {{superuser: {{username: postgres}}, replication: {{username: postgres}}}}
  parameters: {{unix_socket_directories: '{folder}', shared_buffers: 32MB}}
  pg_hba: ['host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
"""
_HAPROXY = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 60s
    timeout server 60s
listen primary
    bind 127.0.0.1:{port}
    option httpchk GET /primary
    http-check expect status 200
    default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
"""


class Node:
    """One PostgreSQL and the Patroni that manages it."""

    def __init__(self, name: str, folder: Path, etcd: int, *, synchronous: bool) -> None:
        self.name, self.port, self.rest = name, free_port(), free_port()
        self._folder = folder
        self._configuration = folder / f"{name}.yml"
        self._configuration.write_text(
            _NODE.format(
                name=name,
                rest=self.rest,
                etcd=etcd,
                synchronous=str(synchronous).lower(),
                port=self.port,
                folder=folder,
                binaries=_BINARIES,
            )
        )
        self._patroni: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start Patroni, which starts its PostgreSQL."""
        self._patroni = _run(["patroni", self._configuration], self._folder, self.name)

    def kill(self, *, patroni: bool = True, postgres: bool = True) -> None:
        """Kill -9 Patroni, its PostgreSQL, or both."""
        if patroni and self._patroni is not None:
            self._patroni.kill()
            self._patroni.wait()
        for process in self._postmaster() if postgres else ():
            for child in [process, *process.children(recursive=True)]:
                _end(child, signal.SIGKILL)

    def answers(self, path: str) -> bool:
        """Ask Patroni whether the node is what a path says, such as `/primary`."""
        return self._told(path).is_success

    def is_followed_by(self, other: Node, role: str) -> bool:
        """Return whether another node is its standby in a role, by etcd and by PostgreSQL.

        That node's own word would not do: it is as old as its last look at etcd. Right after a
        restart of the primary it says that it is synchronous, and may not take over.
        """
        members = self._told("/cluster").json().get("members", ())
        standbys = self._told("/patroni").json().get("replication", ())
        return (other.name, role) in {(one["name"], one["role"]) for one in members} and (
            (other.name, "streaming", _SYNC_STATES[role])
            in {(one["application_name"], one["state"], one["sync_state"]) for one in standbys}
        )

    def _told(self, path: str) -> httpx.Response:
        try:
            return plain_http.get(f"http://127.0.0.1:{self.rest}{path}", timeout=5)
        except httpx.TransportError:
            return httpx.Response(httpx.codes.SERVICE_UNAVAILABLE, json={})

    def _postmaster(self) -> list[psutil.Process]:
        pid_file = self._folder / self.name / "postmaster.pid"
        try:
            return [psutil.Process(int(pid_file.read_text().split()[0]))]
        except (OSError, psutil.NoSuchProcess):
            return []


class Managed:
    """The nodes, and the address by which HAProxy leads to the primary."""

    def __init__(self, nodes: Sequence[Node], port: int, *, synchronous: bool) -> None:
        self.nodes = nodes
        self._role = "sync_standby" if synchronous else "replica"
        self.dsn = f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def wait_for_both(self) -> tuple[Node, Node]:
        """Wait for a primary with a standby, synchronous where it is to be, and give the two."""
        found: list[Node] = []

        def both() -> bool:
            found[:] = sorted(self.nodes, key=lambda node: not node.answers("/primary"))
            leader, other = found
            return leader.answers("/primary") and leader.is_followed_by(other, self._role)

        wait_for(both, _START_S)
        return found[0], found[1]

    def wait_for_primary(self, node: Node) -> None:
        """Wait until a node is the primary."""
        wait_for(lambda: node.answers("/primary"), _START_S)

    def switch_over(self, leader: Node, candidate: Node) -> None:
        """Ask Patroni to make another node the primary."""
        wanted = {"leader": leader.name, "candidate": candidate.name}
        url = f"http://127.0.0.1:{leader.rest}/switchover"
        httpx.post(url, json=wanted, timeout=60).raise_for_status()


@contextmanager
def managed(folder: Path, *, synchronous: bool = True) -> Iterator[Managed]:
    """Run etcd, two nodes and HAProxy; the test is skipped by name where a package is missing."""
    require_debian(*_PACKAGES)
    folder.chmod(0o755)
    place = folder / "patroni"
    place.mkdir()
    if os.geteuid() == 0:
        shutil.chown(place, _ACCOUNT, _ACCOUNT)
    etcd, peers, haproxy = free_port(), free_port(), free_port()
    client, peer = (f"http://127.0.0.1:{port}" for port in (etcd, peers))
    with ExitStack() as stack:
        command = ["etcd", "--name", "one", "--data-dir", place / "etcd", "--log-level", "error"]
        command += ["--listen-client-urls", client, "--advertise-client-urls", client]
        command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        stack.callback(_stop, _run([*command, "--initial-cluster", f"one={peer}"], place, "etcd"))
        wait_for(lambda: _is_healthy(client), _START_S)
        nodes = [Node(name, place, etcd, synchronous=synchronous) for name in ("a", "b")]
        for node in nodes:
            stack.callback(node.kill)
            node.start()
        lines = [f"    server {n.name} 127.0.0.1:{n.port} check port {n.rest}\n" for n in nodes]
        configuration = place / "haproxy.cfg"
        configuration.write_text(_HAPROXY.format(port=haproxy) + "".join(lines))
        command = [shutil.which("haproxy", path=_path()), "-db", "-f", configuration]
        stack.callback(_stop, _run(command, place, "haproxy"))
        cluster = Managed(nodes, haproxy, synchronous=synchronous)
        cluster.wait_for_both()
        yield cluster


def _run(command: Sequence[object], folder: Path, name: str) -> subprocess.Popen[bytes]:
    account = pwd.getpwnam(_ACCOUNT)
    switch = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            list(map(str, command)),
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": _path(), "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            **(switch if os.geteuid() == 0 else {}),
        )


def _is_healthy(client: str) -> bool:
    try:
        return plain_http.get(f"{client}/health", timeout=2).is_success
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)


def _end(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin"

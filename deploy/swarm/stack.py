"""Turn what `docker compose config --format json` prints into what `docker stack deploy` reads.

`python3 stack.py [--publish]`, from standard input to standard output. A stack knows an older form
of the Compose file: no build, no conditions to depend on, no profiles, no name for the host, sizes
and counts as text. What it lacks is said differently here, never dropped in silence: shared memory
becomes a tmpfs, `restart` a restart policy. `--publish` keeps the ports, on every address of every
node, since a swarm cannot publish on loopback alone.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_FOR_COMPOSE_ALONE = (
    *("build", "depends_on", "extra_hosts", "profiles", "restart", "security_opt", "shm_size"),
)


def stack_of(project: dict[str, Any], *, publish: bool) -> dict[str, Any]:
    """Translate a whole project."""
    services = {name: _service(one, publish=publish) for name, one in project["services"].items()}
    used = {secret["source"] for one in services.values() for secret in one.get("secrets", [])}
    return {
        "services": services,
        "networks": {name: _network(one) for name, one in project["networks"].items()},
        "volumes": {name: {} for name in project["volumes"]},
        "secrets": {
            name: {"file": one["file"]} for name, one in project["secrets"].items() if name in used
        },
    }


def _service(service: dict[str, Any], *, publish: bool) -> dict[str, Any]:
    stack = {
        key: value
        for key, value in service.items()
        if value is not None and key not in _FOR_COMPOSE_ALONE
    }
    if "shm_size" in service:
        shared = {"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": service["shm_size"]}}  # noqa: S108 - the system's own place
        stack["volumes"] = [*stack.get("volumes", []), shared]
    stack["volumes"] = [_mount(mount) for mount in stack.get("volumes", [])]
    stack["ports"] = [_port(port) for port in stack.get("ports", [])] if publish else []
    limits = stack["deploy"]["resources"]["limits"]
    limits["cpus"] = str(limits["cpus"])
    stack["deploy"]["restart_policy"] = {"condition": "any", "delay": "2s"}
    if not stack["ports"]:
        # No virtual address: its load balancer forgets connections that are idle for 15 minutes.
        stack["deploy"]["endpoint_mode"] = "dnsrr"
    return stack


def _mount(mount: dict[str, Any]) -> dict[str, Any]:
    if mount["type"] != "tmpfs" or "tmpfs" not in mount:
        return mount
    return {**mount, "tmpfs": {"size": int(mount["tmpfs"]["size"])}}


def _port(port: dict[str, Any]) -> dict[str, Any]:
    return {
        "target": port["target"],
        "published": int(port["published"]),
        "protocol": port["protocol"],
        "mode": "ingress",
    }


def _network(network: dict[str, Any]) -> dict[str, Any]:
    return {"driver": "overlay", "internal": network.get("internal", False)}


if __name__ == "__main__":
    json.dump(
        stack_of(json.load(sys.stdin), publish="--publish" in sys.argv[1:]), sys.stdout, indent=2
    )

"""Rules about names: of Services, ports, volumes, ConfigMaps, Secrets and ServiceAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests import named, of_kind, pods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests import Object, Pod

HOOK = "helm.sh/hook"


def broken_rules(objects: list[Object]) -> Iterator[str]:
    """Yield each name that leads nowhere."""
    pods = list(pods_of(objects))
    ports = {
        port["name"] for pod in pods for each in pod.containers for port in each.get("ports", [])
    }
    there = set()
    for one in of_kind(objects, "Service"):
        for port in one["spec"]["ports"]:
            there |= {(one["metadata"]["name"], port[key]) for key in ("name", "port")}
            if port["targetPort"] not in ports:
                yield f"{named(one)}: sends to {port['targetPort']}, which no pod has"
    for one, service, port in _destinations(objects):
        if (service, port) not in there:
            yield f"{named(one)}: leads to {service}, port {port}, which no Service has"
    for pod in pods:
        yield from _volumes(pod)
        yield from _sources(pod, objects)


def _destinations(objects: list[Object]) -> Iterator[tuple[Object, str, str | int]]:
    """Yield each Service and port that a route leads to."""
    for one in objects:
        for rule in one.get("spec", {}).get("rules", []):
            for path in rule.get("http", {}).get("paths", []):
                service = path["backend"]["service"]
                yield one, service["name"], next(iter(service["port"].values()))
            for backend in rule.get("backendRefs", []):
                yield one, backend["name"], backend["port"]
        for http in one.get("spec", {}).get("http", []):
            for route in http["route"]:
                destination = route["destination"]
                yield one, destination["host"], destination["port"]["number"]


def _volumes(pod: Pod) -> Iterator[str]:
    volumes = {volume["name"] for volume in pod.spec.get("volumes", [])}
    for container in pod.containers:
        mounts = container.get("volumeMounts", [])
        for mount in mounts:
            if mount["name"] not in volumes:
                yield f"{named(pod.owner)}: mounts {mount['name']}, which is no volume"
        if not {"/data", "/tmp"} <= {mount["mountPath"] for mount in mounts}:  # noqa: S108 - in a pod
            yield f"{named(pod.owner)}: has no place to write to"


def _sources(pod: Pod, objects: list[Object]) -> Iterator[str]:
    """Hold a hook to what exists before the release, and others to what exists with it.

    A Secret may have been made by somebody else.
    """
    is_hook = HOOK in pod.owner["metadata"].get("annotations", {})
    others, there = set(), {"ServiceAccount/default"}
    for one in of_kind(objects, "ConfigMap", "Secret", "ServiceAccount"):
        same = (HOOK in one["metadata"].get("annotations", {})) == is_hook
        (there if same else others).add(named(one))
    needed = {f"ServiceAccount/{pod.spec.get('serviceAccountName', 'default')}"} | {
        f"ConfigMap/{source['configMapRef']['name']}"
        for container in pod.containers
        for source in container.get("envFrom", [])
    }
    for volume in pod.spec.get("volumes", []):
        for source in volume.get("projected", {}).get("sources", []):
            needed |= {f"Secret/{source['secret']['name']}"} & others
    for name in sorted(needed - there):
        yield f"{named(pod.owner)}: {name} is not there when it starts"

"""Rules about single pods: rights, images, probes, resources, the time to stop."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from manifests import named, pods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests import Object, Pod

USER_ID = 10001
DRAIN_S, MARGIN_S = 10, 5
LIVENESS, READINESS = "/health/liveness", "/health/readiness"
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_PEAK = re.compile(r"memory of Sage after searches of 16 clients .*?(\d+) MiB resident")


def broken_rules(objects: list[Object]) -> Iterator[str]:
    """Yield what is wrong with each pod."""
    peak = _measured_peak_bytes()
    for pod in pods_of(objects):
        for problem in (
            *_rights(pod),
            *_container_rights(pod),
            *_images(pod),
            *_memory(pod, peak),
            *(_probes(pod) if pod.serves else ()),
            *(_stopping(pod) if pod.serves else ()),
        ):
            yield f"{named(pod.owner)}: {problem}"


def _rights(pod: Pod) -> Iterator[str]:
    """Hold it to the restricted standard of Kubernetes, and more."""
    around = pod.spec.get("securityContext", {})
    if around.get("runAsNonRoot") is not True or around.get("runAsUser") != USER_ID:
        yield f"runs as root, or as another user than {USER_ID}"
    if around.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "has no seccomp profile"
    if pod.spec.get("automountServiceAccountToken") is not False:
        yield "mounts the token of its ServiceAccount"
    if pod.spec.get("enableServiceLinks") is not False:
        yield "gets variables for each Service, some of which have names of settings of Sage"
    for flag in {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys():
        yield f"has {flag}"


def _container_rights(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        inside = container.get("securityContext", {})
        name = container["name"]
        if inside.get("allowPrivilegeEscalation") is not False or inside.get("privileged"):
            yield f"{name}: may gain privileges"
        if inside.get("readOnlyRootFilesystem") is not True:
            yield f"{name}: has a writable root file system"
        if inside.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{name}: has capabilities"
        if {"runAsUser", "runAsNonRoot", "seccompProfile"} & inside.keys():
            yield f"{name}: overrides the user or the seccomp profile of its pod"


def _images(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        name, _, tag = container["image"].rpartition(":")
        if not name or "/" in tag or tag == "latest":
            yield f"{container['name']}: the image {container['image']} can be another one tomorrow"


def _memory(pod: Pod, peak: int) -> Iterator[str]:
    for container in pod.containers:
        resources = container.get("resources", {})
        asked, most = (
            _size_bytes(resources.get(kind, {}).get("memory", "0"))
            for kind in ("requests", "limits")
        )
        if asked < peak:
            yield f"{container['name']}: asks for less memory than the {peak} bytes measured"
        if most < 2 * peak:
            yield f"{container['name']}: is limited to less than twice the {peak} bytes measured"
        if "cpu" not in resources.get("requests", {}):
            yield f"{container['name']}: asks for no processor time, which autoscaling counts from"


def _probes(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        name = container["name"]
        ports = {port["name"] for port in container.get("ports", [])}
        expected = {
            "startupProbe": LIVENESS, "livenessProbe": LIVENESS, "readinessProbe": READINESS
        }  # fmt: skip
        for kind, path in expected.items():
            asked = container.get(kind, {}).get("httpGet")
            if asked is None:
                yield f"{name}: has no {kind}"
                continue
            if asked["path"] != path:
                yield f"{name}: {kind} asks {asked['path']}, not {path}"
            if asked["port"] not in ports:
                yield f"{name}: {kind} asks a port that the container does not have"
            if {"name": "Host", "value": "localhost"} not in asked.get("httpHeaders", []):
                yield f"{name}: {kind} is for a host that Sage does not answer for"


def _stopping(pod: Pod) -> Iterator[str]:
    """Hold the time to stop to what is done in it."""
    grace_s = pod.spec.get("terminationGracePeriodSeconds", 30)
    for container in pod.containers:
        sleep_s = (
            container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        )
        if sleep_s < 1:
            yield f"{container['name']}: is told to stop before the Service has forgotten it"
        if grace_s < sleep_s + DRAIN_S + MARGIN_S:
            yield (
                f"{container['name']}: {grace_s} s to stop do not cover {sleep_s} s of waiting, "
                f"{DRAIN_S} s of work and {MARGIN_S} s more"
            )


def _size_bytes(quantity: str) -> int:
    number, unit = re.fullmatch(r"([0-9.]+)(Ki|Mi|Gi)?", quantity).groups()
    return int(float(number) * _UNITS.get(unit, 1))


def _measured_peak_bytes() -> int:
    page = Path(__file__).parents[3] / "docs/containers.md"
    peak = _PEAK.search(page.read_text(encoding="utf-8"))
    if peak is None:
        sys.exit("docs/containers.md lacks the memory of Sage after searches of 16 clients")
    return int(peak[1]) * _UNITS["Mi"]

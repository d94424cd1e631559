"""Rules about selectors: each matches exactly the pods, or the Service, that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests import named, of_kind, pods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests import Object

JOB = "sage"
"""The job that the rules of deploy/monitoring ask for."""

Labels = dict[str, str]


def broken_rules(objects: list[Object]) -> Iterator[str]:
    """Yield each selector that matches too little or too much."""
    pods = list(pods_of(objects))
    serving = [pod for pod in pods if pod.serves]
    for name, selector in _selectors(objects):
        if not selector or serving != [
            pod for pod in pods if selector.items() <= pod.labels.items()
        ]:
            yield f"{name}: its selector does not match exactly the pods that serve"
    yield from _monitors(objects)
    yield from _scaling(objects)
    policies = of_kind(objects, "NetworkPolicy")
    for pod in pods:
        around = [
            one["spec"]["policyTypes"]
            for one in policies
            if one["spec"]["podSelector"].get("matchLabels", {}).items() <= pod.labels.items()
        ]
        for direction in ("Ingress", "Egress"):
            if not any(direction in types for types in around):
                yield f"{named(pod.owner)}: no NetworkPolicy denies its {direction.lower()}"


def _selectors(objects: list[Object]) -> Iterator[tuple[str, Labels]]:
    """Yield each selector of the pods that serve."""
    for one in objects:
        match one["kind"]:
            case "Service":
                yield named(one), one["spec"]["selector"]
            case "PodDisruptionBudget" | "PeerAuthentication":
                yield named(one), one["spec"]["selector"]["matchLabels"]
            case "Deployment":
                yield named(one), one["spec"]["selector"]["matchLabels"]
                spec = one["spec"]["template"]["spec"]
                for spread in spec.get("topologySpreadConstraints", []):
                    yield f"{named(one)} spread", spread["labelSelector"]["matchLabels"]


def _monitors(objects: list[Object]) -> Iterator[str]:
    for one in of_kind(objects, "ServiceMonitor"):
        wanted = one["spec"]["selector"]["matchLabels"].items()
        ports = [
            port["name"]
            for service in of_kind(objects, "Service")
            if wanted <= service["metadata"]["labels"].items()
            for port in service["spec"]["ports"]
        ]
        jobs = {
            service["metadata"]["labels"][one["spec"]["jobLabel"]]
            for service in of_kind(objects, "Service")
        }
        if jobs != {JOB}:
            yield f"{named(one)}: the rules ask for another job than {jobs}"
        if ports != [endpoint["port"] for endpoint in one["spec"]["endpoints"]]:
            yield f"{named(one)}: its selector does not match exactly the Service of its port"


def _scaling(objects: list[Object]) -> Iterator[str]:
    deployments = {one["metadata"]["name"]: one for one in of_kind(objects, "Deployment")}
    for one in of_kind(objects, "HorizontalPodAutoscaler"):
        target = deployments.get(one["spec"]["scaleTargetRef"]["name"])
        if target is None:
            yield f"{named(one)}: scales what is not there"
        elif "replicas" in target["spec"]:
            yield f"{named(one)}: every upgrade would undo what it did, since replicas are set"

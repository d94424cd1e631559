"""Rules about a mesh: what is repeated, and what a sidecar must know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests import named, of_kind, pods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests import Object

UNSENT = {"connect-failure", "refused-stream"}
"""Failures after which a call has certainly not reached Sage."""
READS = {("GET", None), ("POST", "/api/v1/search"), ("POST", "/api/v1/context")}


def broken_rules(objects: list[Object]) -> Iterator[str]:
    """Yield what would repeat a save, or surprise a sidecar."""
    meshed = of_kind(objects, "VirtualService")
    for one in meshed:
        for route in one["spec"]["http"]:
            name = f"{named(one)}: route {route['name']}"
            if "timeout" not in route:
                yield f"{name} waits for ever"
            conditions = set(route.get("retries", {}).get("retryOn", "").split(","))
            if conditions <= UNSENT and conditions:
                continue
            matched = {
                (match.get("method", {}).get("exact"), match.get("uri", {}).get("exact"))
                for match in route.get("match", [{}])
            }
            if not matched <= READS:
                yield f"{name} repeats calls that may have saved something"
    for pod in pods_of(objects) if meshed else ():
        template = pod.owner["spec"].get("template", {}).get("metadata", {})
        rewritten = template.get("annotations", {}).get("sidecar.istio.io/rewriteAppHTTPProbers")
        if pod.serves and rewritten != "true":
            yield f"{named(pod.owner)}: its probes would not pass mTLS"
        if not pod.serves and pod.labels.get("sidecar.istio.io/inject") != "false":
            yield f"{named(pod.owner)}: a sidecar could keep it from ending"

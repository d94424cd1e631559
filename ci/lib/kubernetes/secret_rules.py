"""Rules about secrets: they are in Secrets, and reach pods as files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manifests import named, of_kind, pods_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests import Object

_NAME = re.compile(r"(TOKEN|PASSWORD|API_KEY|SECRET|DATABASE_(READ_)?URL)$")
_VALUE = re.compile(r"://[^/\s:@]+:[^/\s@]+@|\bsk-[A-Za-z0-9]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY")


def broken_rules(objects: list[Object]) -> Iterator[str]:
    """Yield each secret that is where others can read it."""
    for one in of_kind(objects, "ConfigMap"):
        for name, value in one.get("data", {}).items():
            if _NAME.search(name) or _VALUE.search(value):
                yield f"{named(one)}: {name} is a secret"
    for pod in pods_of(objects):
        for container in pod.containers:
            for variable in container.get("env", []):
                name, value = variable["name"], variable.get("value", "")
                if _NAME.search(name) or _VALUE.search(value):
                    yield f"{named(pod.owner)}: {name} is a secret in the environment"
            for source in container.get("envFrom", []):
                if "secretRef" in source:
                    yield f"{named(pod.owner)}: has a Secret in its environment"

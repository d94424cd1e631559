"""What was rendered, and the pods in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pod:
    """The template of a pod, and what makes pods of it."""

    owner: Object
    labels: dict[str, str]
    spec: Object

    @property
    def containers(self) -> list[Object]:
        """Return all containers, those that run first too."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def serves(self) -> bool:
        """Return whether it runs until it is told to stop."""
        return self.owner["kind"] == "Deployment"


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which Kubernetes would take one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Object:  # noqa: FBT001, FBT002 - as inherited
        """Read a mapping. Raises ConstructorError."""
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a key is there twice", node.start_mark
            )
        return mapping


def read_objects(text: str) -> list[Object]:
    """Return the objects of a stream of YAML documents. Raises yaml.YAMLError."""
    return [one for one in yaml.load_all(text, _Loader) if one]


def named(one: Object) -> str:
    """Name an object for people."""
    return f"{one['kind']}/{one['metadata']['name']}"


def group_of(one: Object) -> str:
    """Return the API group, which is empty for the first objects that Kubernetes had."""
    return one["apiVersion"].rpartition("/")[0]


def of_kind(objects: Iterable[Object], *kinds: str) -> list[Object]:
    """Return the objects of these kinds."""
    return [one for one in objects if one["kind"] in kinds]


def pods_of(objects: Iterable[Object]) -> Iterator[Pod]:
    """Yield the pods that the objects make."""
    for one in objects:
        match one["kind"]:
            case "Deployment" | "Job":
                template = one["spec"]["template"]
            case "CronJob":
                template = one["spec"]["jobTemplate"]["spec"]["template"]
            case _:
                continue
        yield Pod(one, template["metadata"].get("labels", {}), template["spec"])

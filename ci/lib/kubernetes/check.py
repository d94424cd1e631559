"""Check rendered charts: against the schemas of Kubernetes, and against the rules of this folder.

`python check.py VERSION FILE...` prints each problem and exits with 1 if there is one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import custom_resources
import istio_rules
import jsonschema
import kubernetes_validate
import pod_rules
import reference_rules
import secret_rules
import selector_rules
from manifests import group_of, named, read_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manifests import Object

RULES = (pod_rules, selector_rules, reference_rules, secret_rules, istio_rules)
CLUSTER = json.loads(Path(__file__).with_name("cluster.schema.json").read_text(encoding="utf-8"))


def problems_of(objects: list[Object], version: str) -> Iterator[str]:
    """Yield what is wrong with one rendered chart."""
    if not objects:
        yield "nothing was rendered"
    misshapen = [
        f"{named(one)}: {problem}" for one in objects for problem in _schema_problems(one, version)
    ]
    yield from misshapen
    for rules in RULES if not misshapen else ():
        yield from rules.broken_rules(objects)


def _schema_problems(one: Object, version: str) -> Iterator[str]:
    """Validate strictly. What no schema is known of is a problem too."""
    if group_of(one) in custom_resources.PACKAGES:
        return
    try:
        if group_of(one) == "postgresql.cnpg.io":
            jsonschema.validate(one, CLUSTER)
        elif (used := kubernetes_validate.validate(one, version, strict=True)) != version:
            yield f"was compared with Kubernetes {used}, not {version}"
    except jsonschema.ValidationError as error:
        yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        yield error.message


def main(version: str, files: list[Path]) -> int:
    """Print the problems of each file; return the exit code."""
    rendered = {file: read_objects(file.read_text(encoding="utf-8")) for file in files}
    problems = [
        f"{file.stem}: {problem}"
        for file, objects in rendered.items()
        for problem in problems_of(objects, version)
    ]
    problems += custom_resources.problems_of(rendered)
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], [Path(name) for name in sys.argv[2:]]))

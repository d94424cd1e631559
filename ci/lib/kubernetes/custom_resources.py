"""Check custom resources against models of their definitions, which are packages of npm.

Two checks, since each finds what the other does not: TypeScript refuses a field that the definition
does not have, and the validator of the model a value that its pattern or its limits exclude.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from manifests import group_of, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manifests import Object

PACKAGES = {
    "external-secrets.io": "external-secrets",
    "gateway.networking.k8s.io": "gateway-api",
    "monitoring.coreos.com": "prometheus-operator",
    "networking.istio.io": "istio",
    "security.istio.io": "istio",
}
_TOOLS = Path(sys.prefix)
_OPTIONS = (
    *("--strict", "--skipLibCheck", "--noEmitOnError"),
    *("--module", "nodenext", "--target", "es2022"),
)
_REFUSED = re.compile(r"^rendered\.ts\((\d+),\d+\): error TS\d+: (.*)$", re.MULTILINE)
_CHECK = (
    "const check = (name: string, model: {validate(): void}) => { try { model.validate(); } "
    "catch (error: any) { console.log(`${name}: ${error.message}`); } };\n"
)


def problems_of(rendered: Mapping[Path, list[Object]]) -> list[str]:
    """Return what is wrong with the custom resources of all files."""
    custom = {
        f"{file.stem}: {named(one)}": one
        for file, objects in rendered.items()
        for one in objects
        if group_of(one) in PACKAGES
    }
    if not custom:
        return []
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "node_modules").symlink_to(_TOOLS / "node_modules")
        (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
        source = folder / "rendered.ts"
        source.write_text(_CHECK + "\n".join(map(_line, custom, custom.values())), encoding="utf-8")
        code, said = _run([_TOOLS / "bin/tsc", *_OPTIONS, source.name], folder)
        if code:
            names = ["", *custom]
            refused = [f"{names[int(at) - 1]}: {text}" for at, text in _REFUSED.findall(said)]
            return refused or [f"tsc: {said}"]
        code, said = _run(["node", "rendered.js"], folder)
        return said.splitlines() or [f"node ended with {code}"] * (code != 0)


def _line(name: str, one: Object) -> str:
    """Return a line of TypeScript that checks a custom resource."""
    module = f"@kubernetes-models/{PACKAGES[group_of(one)]}/{one['apiVersion']}/{one['kind']}"
    data = json.dumps({key: one[key] for key in one.keys() - {"apiVersion", "kind"}})
    return f'check({json.dumps(name)}, new (await import("{module}")).{one["kind"]}({data}));'


def _run(command: list[str | Path], folder: Path) -> tuple[int, str]:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - the tools of the lock
    return run.returncode, (run.stdout + run.stderr).strip()

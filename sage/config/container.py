"""Detection of the container that Sage runs in, with the evidence for it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CGROUPS = (
    ("kubernetes", re.compile(r"kubepods")),
    ("podman", re.compile(r"libpod-[0-9a-f]{12}")),
    ("docker", re.compile(r"docker[/-][0-9a-f]{12}")),
    ("containerd", re.compile(r"cri-containerd|/containerd/|crio-[0-9a-f]{12}")),
    ("lxc", re.compile(r"/lxc(\.payload)?[./]")),
)
_MARKER_FILES = (("docker", ".dockerenv"), ("podman", "run/.containerenv"))
_OWN_FILES = ("docker-entrypoint.sh", "opt/sage")
_RANK = ("kubernetes", "podman", "docker", "containerd", "lxc")


@dataclass(frozen=True, slots=True)
class Container:
    """Whether Sage runs in a container, which kind, and the evidence for it."""

    detected: bool
    runtime: str | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerEvidence:
    """The signs of a container that a process can see."""

    marker_files: tuple[str, ...] = ()
    cgroup: str = ""
    kubernetes_host: str | None = None


def detect(evidence: ContainerEvidence) -> Container:
    """Return whether the evidence shows a container; the result depends on nothing else.

    Marker files are those of Docker and Podman, `KUBERNETES_SERVICE_HOST` is set in every pod, and
    cgroup v1 paths name the runtime (cgroup v2 shows `0::/` inside, which proves nothing).
    """
    found: list[tuple[str, str]] = []
    if evidence.kubernetes_host:
        found.append(("kubernetes", "KUBERNETES_SERVICE_HOST is set"))
    found += [
        (runtime, f"/{name} exists")
        for runtime, name in _MARKER_FILES
        if name in evidence.marker_files
    ]
    found += [
        (runtime, f"the cgroup is one of {runtime}")
        for runtime, pattern in _CGROUPS
        if pattern.search(evidence.cgroup)
    ]
    runtimes = {runtime for runtime, _ in found}
    first = next((runtime for runtime in _RANK if runtime in runtimes), None)
    return Container(bool(found), first, tuple(text for _, text in found))


def read_evidence(environ: Mapping[str, str], root: Path = Path("/")) -> ContainerEvidence:
    """Collect the signs of a container around this process: files and environment."""
    try:
        cgroup = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        cgroup = ""
    return ContainerEvidence(
        marker_files=tuple(name for _, name in _MARKER_FILES if (root / name).exists()),
        cgroup=cgroup,
        kubernetes_host=environ.get("KUBERNETES_SERVICE_HOST"),
    )


def is_own_image(root: Path = Path("/")) -> bool:
    """Return whether this process runs in an image of Sage, which contains nothing else."""
    return all((root / name).exists() for name in _OWN_FILES)


def console_command() -> str:
    """Return the command that creates a sign-in link, for this machine or for its container."""
    if not is_own_image():
        return "sage console"
    composed = detect_container().runtime == "docker"
    return f"{'docker compose exec sage-mcp ' if composed else ''}sage console --print"


def detect_container(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Container:
    """Return whether this process runs in a container, with the evidence."""
    return detect(read_evidence(environ, root))

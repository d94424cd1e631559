import pytest

from sage.config.container import (
    Container,
    ContainerEvidence,
    detect,
    detect_container,
    is_own_image,
)
from tests.support.each import each

DIGEST = "0123456789ab" * 5 + "0123"


@each(
    ("evidence", "runtime", "named"),
    [
        (ContainerEvidence(marker_files=(".dockerenv",)), "docker", "/.dockerenv"),
        (ContainerEvidence(marker_files=("run/.containerenv",)), "podman", "/run/.containerenv"),
        (ContainerEvidence(kubernetes_host="10.0.0.1"), "kubernetes", "KUBERNETES_SERVICE_HOST"),
        (ContainerEvidence(cgroup=f"12:cpu:/docker/{DIGEST}"), "docker", "cgroup"),
        (ContainerEvidence(cgroup=f"0::/system.slice/docker-{DIGEST}.scope"), "docker", "cgroup"),
        (ContainerEvidence(cgroup=f"0::/machine.slice/libpod-{DIGEST}.scope"), "podman", "cgroup"),
        (
            ContainerEvidence(cgroup=f"5:memory:/kubepods/besteffort/pod1/{DIGEST}"),
            "kubernetes",
            "cgroup",
        ),
        (ContainerEvidence(cgroup=f"0::/cri-containerd-{DIGEST}.scope"), "containerd", "cgroup"),
        (ContainerEvidence(cgroup="0::/lxc.payload.web"), "lxc", "cgroup"),
    ],
)
def test_each_piece_of_evidence_tells_a_container(evidence, runtime, named):
    container = detect(evidence)
    assert container.detected
    assert container.runtime == runtime
    assert len(container.evidence) == 1
    assert named in container.evidence[0]


@pytest.mark.parametrize(
    "cgroup",
    [
        "",
        "0::/",
        "0::/init.scope",
        "0::/system.slice/docker.service",
        "0::/user.slice/user-1000.slice/session-2.scope",
    ],
)
def test_a_machine_without_evidence_is_no_container(cgroup):
    assert detect(ContainerEvidence(cgroup=cgroup)) == Container(detected=False)


def test_the_outermost_runtime_is_named_and_all_evidence_kept():
    evidence = ContainerEvidence(
        (".dockerenv",), f"0::/kubepods.slice/cri-containerd-{DIGEST}.scope", "10.0.0.1"
    )
    container = detect(evidence)
    assert container.runtime == "kubernetes"
    assert len(container.evidence) == 4


def test_signs_are_looked_for_in_files_and_environment(folder):
    (folder / "run").mkdir()
    (folder / "run/.containerenv").touch()
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/self/cgroup").write_bytes(b"0::/lxc/\xff")
    container = detect_container({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, folder)
    assert container.runtime == "kubernetes"
    assert len(container.evidence) == 3


def test_nothing_to_look_at_is_no_container(folder):
    assert not detect_container({}, folder / "missing").detected


def test_an_image_of_sage_is_known_by_its_files(folder):
    (folder / "docker-entrypoint.sh").touch()
    assert not is_own_image(folder)
    (folder / "opt/sage").mkdir(parents=True)
    assert is_own_image(folder)


def test_this_machine_can_be_looked_at():
    container = detect_container()
    assert container.detected == bool(container.evidence)

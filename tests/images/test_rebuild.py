"""Building again: the same bits for the same tree, and only what changed for another."""

import time

import pytest

from tests.support.docker import clone_of_the_tree, docker, inspect, run


@pytest.fixture
def clone(tmp_path):
    return clone_of_the_tree(tmp_path / "another place")


def test_two_builds_of_one_tree_are_equal_bit_by_bit(variables, clone, tell):
    """One build has cached steps and stands here; the other has none and stands elsewhere."""
    same = {**variables, "SOURCE_DATE_EPOCH": "1767225600", "SAGE_REVISION": "test"}
    here, there = ({**same, "SAGE_IMAGE": f"sage-mcp:test-{n}"} for n in ("here", "there"))
    run("deploy/images/build", env=here, timeout=800)
    began = time.monotonic()
    run("deploy/images/build", "--no-cache", env=there, timeout=800, cwd=clone)
    tell(f"a build without cached steps took {time.monotonic() - began:.0f} s")
    one, other = (inspect(env["SAGE_IMAGE"]) for env in (here, there))
    docker("rmi", "sage-mcp:test-here", "sage-mcp:test-there")
    assert one["RootFS"]["Layers"] == other["RootFS"]["Layers"]
    assert one["Id"] == other["Id"]


def test_a_change_of_the_code_changes_one_layer(variables, clone, runtime, tell):
    with (clone / "sage/__init__.py").open("a", encoding="utf-8") as module:
        module.write("\n")
    began = time.monotonic()
    run(
        "deploy/images/build",
        env={**variables, "SAGE_IMAGE": "sage-mcp:test-edit"},
        timeout=800,
        cwd=clone,
    )
    tell(f"a build after a change of the code took {time.monotonic() - began:.0f} s")
    before, after = (inspect(name)["RootFS"]["Layers"] for name in (runtime, "sage-mcp:test-edit"))
    docker("rmi", "sage-mcp:test-edit")
    assert len(before) == len(after)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1

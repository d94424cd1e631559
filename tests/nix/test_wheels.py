"""nix/wheels.json holds one wheel for each pin of each lock, as Nix itself checks once more."""

import json
import re

import pytest

from tests.architecture.sources import ROOT

WHEELS = json.loads((ROOT / "nix/wheels.json").read_text())
LOCKS = {
    str(path.relative_to(ROOT)): text
    for path in [*ROOT.glob("requirements*-lock.txt"), *ROOT.glob("ci/locks/*.txt")]
    if "--hash=" in (text := path.read_text())
}


def pins(text):
    """Give the pins of a lock as {package: (version, its hashes)}."""
    entries = re.findall(r"(?m)^([a-z0-9.-]+)==([^ ;]+)(.*(?:\n +--hash=.*)+)", text)
    return {
        name: (version, set(re.findall(r"sha256:([0-9a-f]{64})", hashes)))
        for name, version, hashes in entries
    }


def test_every_lock_is_covered():
    assert set(WHEELS) == set(LOCKS)


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_the_wheels_are_those_that_the_lock_pins(lock):
    pinned = pins(LOCKS[lock])
    assert pinned
    advice = "ci/nix-wheels --write follows the locks"
    assert {wheel["name"]: wheel["version"] for wheel in WHEELS[lock]} == {
        name: version for name, (version, _) in pinned.items()
    }, advice
    for wheel in WHEELS[lock]:
        assert wheel["sha256"] in pinned[wheel["name"]][1], (wheel["file"], advice)


def test_the_wheels_fit_the_image_and_name_no_host():
    files = [wheel["file"] for wheels in WHEELS.values() for wheel in wheels]
    for file in files:
        assert re.fullmatch(r"[^-/]+-[^-/]+-[^-/]+-[^-/]+-(any|[^-/]*_x86_64)\.whl", file)

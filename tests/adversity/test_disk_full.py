"""A full disk is told, loses nothing, and saves work again when there is room (F21)."""

import pytest

from tests.support.faults.disk import fill_disk, small_disk


@pytest.mark.timeout(300)
def test_readiness_tells_that_the_disk_is_full(workspace):
    with small_disk(workspace / "data", mebibytes=160) as mounted:
        if not mounted:
            pytest.skip("the right to mount a small file system is missing")
        full = fill_disk(workspace, trials=1)
    assert "No space left on device" in full.reason
    assert full.verdict.flaws == (0, 0, 0)

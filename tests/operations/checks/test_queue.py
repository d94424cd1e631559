"""What the check of the queue says of an index that is being built."""

from __future__ import annotations

from sage.domain.health import Status
from sage.domain.memories import IndexBuild, QueueStats
from sage.operations.checks.database import queue_result, too_large, with_index_build
from sage.phrases import phrase
from sage.store.build_settings import BuildSettings


def test_a_build_that_does_not_fit_is_reported_with_what_it_takes():
    result = too_large(phrase("{name} active", name="e5"), BuildSettings(256, 0, 1_591))
    assert result.status is Status.DEGRADED
    assert result.detail == (
        "e5 active; building a vector index needs 1,591 MiB of memory, "
        "of which 256 MiB are available"
    )
    assert "maintenance_work_mem" in result.hint


def test_the_build_of_an_index_is_reported_with_the_time_that_is_left():
    result = queue_result(QueueStats(0, 0), 0.0)
    assert with_index_build(result, None) == result
    begun = with_index_build(result, IndexBuild(0.01, None))
    assert begun.detail.endswith("; a vector index is being built: 1%")
    later = with_index_build(result, IndexBuild(0.4, 600))
    assert later.detail.endswith("; a vector index is being built: 40%, 10 min 0 s left")
    assert (later.status, later.figures["index_build_left_s"]) == (result.status, 600)

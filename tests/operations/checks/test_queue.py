"""What the check of the queue says of an index that is being built."""

from __future__ import annotations

from sage.domain.memories import IndexBuild, QueueStats
from sage.operations.checks.database import queue_result, with_index_build


def test_the_build_of_an_index_is_reported_with_the_time_that_is_left():
    result = queue_result(QueueStats(0, 0), 0.0)
    assert with_index_build(result, None) == result
    begun = with_index_build(result, IndexBuild(0.01, None))
    assert begun.detail.endswith("; an index of vectors is being built: 1%")
    later = with_index_build(result, IndexBuild(0.4, 600))
    assert later.detail.endswith("; an index of vectors is being built: 40%, 10 min 0 s left")
    assert (later.status, later.figures["index_build_left_s"]) == (result.status, 600)

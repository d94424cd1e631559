"""A product of numpy takes one core, so that others have the rest."""

import os
import subprocess
import sys

import pytest

_COUNTS_THREADS = """
import os
import sage
import numpy
rows, point = numpy.ones((4_000, 384), numpy.float32), numpy.ones(384, numpy.float32)
rows @ point
print(len(os.listdir("/proc/self/task")))
"""


def threads_of_a_product(**environment):
    bare = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", _COUNTS_THREADS],
        env=bare | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the threads of a process")
def test_a_product_is_computed_in_one_thread_unless_the_environment_says_otherwise():
    assert threads_of_a_product() == 1
    cores = min(2, len(os.sched_getaffinity(0)))
    assert threads_of_a_product(OPENBLAS_NUM_THREADS="2") == cores

"""In how many threads numpy computes. Every start of Sage reads this, so it imports little."""

import os


def compute_in_one_thread() -> None:
    """Keep numpy from spreading a product over the cores, unless the environment says how many.

    OpenBLAS, which reads the variable once, when numpy is imported, does so with more than 1,200
    vectors, or 36 by each other. Its threads then wait for more in a busy loop, for some 30 ms.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

"""How much memory and how many processes the build of an index gets."""

from __future__ import annotations

import pytest

from sage.store.build_settings import Machine, build_settings

MIB, GIB = 2**20, 2**30
LARGE = Machine(memory_bytes=16 * GIB, shared_bytes=8 * GIB, processors=8)


@pytest.mark.parametrize("vectors", [5_000, 100_000, 1_000_000, 10_000_000])
def test_the_graph_fits_where_the_machine_has_the_memory(vectors):
    chosen = build_settings(vectors, 384, 64 * MIB, LARGE)
    assert chosen.fits == (vectors < 10_000_000)
    assert chosen.memory_mib * MIB <= LARGE.memory_bytes / 2
    assert chosen.memory_mib >= min(vectors * 1_500, LARGE.memory_bytes / 2) / MIB


def test_a_small_machine_gives_half_of_what_is_free():
    chosen = build_settings(1_000_000, 384, 64 * MIB, Machine(GIB, GIB, 2))
    assert (chosen.memory_mib, chosen.workers, chosen.fits) == (512, 0, False)


@pytest.mark.parametrize(("allowed", "memory"), [(64 * MIB, 256), (GIB, 1_024), (4 * GIB, 1_591)])
def test_a_server_elsewhere_gives_what_it_is_set_to(allowed, memory):
    chosen = build_settings(1_000_000, 384, allowed, None)
    assert (chosen.memory_mib, chosen.workers) == (memory, 0)


@pytest.mark.parametrize(
    ("vectors", "machine", "workers"),
    [
        (1_000_000, LARGE, 3),
        (1_000_000, Machine(16 * GIB, 8 * GIB, 4), 1),
        (1_000_000, Machine(16 * GIB, 8 * GIB, 2), 0),
        (1_000_000, Machine(16 * GIB, 64 * MIB, 8), 0),
        (20_000, LARGE, 0),
    ],
)
def test_others_help_where_there_are_processors_and_shared_memory(vectors, machine, workers):
    assert build_settings(vectors, 384, 64 * MIB, machine).workers == workers

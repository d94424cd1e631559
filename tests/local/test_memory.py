"""How much memory is left is read from the machine and from its containers."""

from __future__ import annotations

import pytest

from sage.local.memory import free_memory_bytes, memory_limit_bytes


@pytest.mark.parametrize(
    ("file", "text", "limit"),
    [
        ("memory.max", "536870912\n", 536870912),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "268435456\n", 268435456),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
        ("other", "1", None),
    ],
)
def test_the_memory_limit_is_read_from_either_kind_of_cgroup(tmp_path, file, text, limit):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="ascii")
    assert memory_limit_bytes(tmp_path) == limit


def test_a_container_has_no_more_memory_than_its_limit_leaves(tmp_path):
    assert free_memory_bytes(tmp_path) > 2**20
    (tmp_path / "memory.max").write_text("2097152\n", encoding="ascii")
    (tmp_path / "memory.current").write_text("1048576\n", encoding="ascii")
    assert free_memory_bytes(tmp_path) == 2**20
    (tmp_path / "memory.current").write_text("3000000\n", encoding="ascii")
    assert free_memory_bytes(tmp_path) == 0

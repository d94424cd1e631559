"""A test over many cases fails with every case that failed, and with nothing else."""

import pytest

from tests.support.each import each


def test_every_case_that_fails_is_named_with_its_reason():
    @each(("number", "name"), [(1, "a"), (2, "b"), (3, "c"), (4, "d")])
    def check(number, name, place):
        assert (name, place) != ("b", "here")
        if number != 4:
            pytest.fail("no")

    with pytest.raises(pytest.fail.Exception) as failed:
        check(place="here")
    head, *named = failed.value.msg.splitlines()
    assert head == "3 of 4 cases failed"
    assert [line for line in named if line.startswith("(")] == [
        "(1, 'a'): Failed: no",
        "(2, 'b'): AssertionError: assert ('b', 'here') != ('b', 'here')",
        "(3, 'c'): Failed: no",
    ]

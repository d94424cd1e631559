"""Token buckets: what they allow, and how many there are."""

import pytest

from sage.access.limits.token_buckets import TokenBuckets


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_minutes_worth_may_come_at_once_and_then_as_much_as_is_refilled(clock):
    buckets = TokenBuckets(6, clock=clock)
    assert [buckets.take("a") for _ in range(6)] == [0] * 6
    assert buckets.take("a") == pytest.approx(10)
    clock.now += 9
    assert buckets.take("a") == pytest.approx(1)
    clock.now += 1
    assert buckets.take("a") == 0
    assert buckets.take("a") == pytest.approx(10)
    clock.now += 3_600
    assert [buckets.take("a") for _ in range(6)] == [0] * 6
    assert buckets.take("a")


def test_keys_do_not_share_a_bucket_and_a_look_takes_nothing(clock):
    buckets = TokenBuckets(1, clock=clock)
    assert buckets.wait_s("a") == buckets.wait_s("a") == 0
    assert buckets.take("a") == 0
    assert buckets.wait_s("a") == pytest.approx(60)
    assert buckets.take("b") == 0


def test_the_one_used_the_longest_ago_is_forgotten_where_there_are_too_many(clock):
    buckets = TokenBuckets(1, clock=clock, most=3)
    for key in ("a", "b", "c"):
        assert buckets.take(key) == 0
    assert buckets.take("d") == 0
    assert buckets.wait_s("a") == 0
    assert all(buckets.wait_s(key) for key in ("b", "c", "d"))


def test_zero_means_any_number(clock):
    buckets = TokenBuckets(0, clock=clock)
    assert not any(buckets.take("a") for _ in range(1_000))
    assert buckets.wait_s("a") == 0

import pytest

from sage.errors import ProviderUnavailableError
from sage.providers.remote.breaker import Breaker
from sage.providers.remote.endpoints import Timings
from sage.providers.remote.faults import Fault, Kind

TIMINGS = Timings(
    failures_to_open=3,
    first_cooldown_s=1.0,
    longest_cooldown_s=4.0,
    standing_cooldown_s=30.0,
    longest_retry_after_s=60.0,
)
UNREACHABLE = Fault(Kind.UNREACHABLE, "it is away", "check the network")
PERMANENT = Fault(Kind.PERMANENT, "it refuses the key")


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(TIMINGS, clock)


def wait_of(breaker):
    with pytest.raises(ProviderUnavailableError) as refusal:
        breaker.admit()
    return refusal.value.retry_in_s


def trial(breaker, clock, fault=None):
    """Wait until a trial is let through, and end it well or with a fault."""
    clock.now_s += wait_of(breaker)
    assert breaker.admit()
    if fault is None:
        breaker.succeeded(on_trial=True)
    else:
        breaker.failed(fault, on_trial=True)
    breaker.leave()


def opened(breaker):
    for _ in range(TIMINGS.failures_to_open):
        breaker.failed(UNREACHABLE)
    assert breaker.is_open


def test_while_it_is_open_an_old_reason_is_told_as_one(breaker):
    breaker.failed(PERMANENT)
    with pytest.raises(ProviderUnavailableError, match=r"^not asked since \d\d:\d\d:\d\d UTC: it"):
        breaker.admit()


def test_it_opens_after_repeated_faults_and_not_before(breaker):
    for _ in range(TIMINGS.failures_to_open - 1):
        breaker.failed(UNREACHABLE)
        assert not breaker.admit()
    breaker.failed(UNREACHABLE)
    assert 0.75 <= wait_of(breaker) <= 1.0


def test_an_answer_between_faults_starts_the_count_anew(breaker):
    for _ in range(10):
        breaker.failed(UNREACHABLE)
        breaker.succeeded()
    assert not breaker.is_open
    assert breaker.last_error == ""


def test_a_refusal_says_what_went_wrong_and_what_to_do(breaker):
    opened(breaker)
    with pytest.raises(ProviderUnavailableError, match="it is away") as refusal:
        breaker.admit()
    assert refusal.value.hint == "check the network"
    assert breaker.last_error == "it is away"


def test_one_call_goes_through_on_trial_and_the_others_wait(breaker, clock):
    opened(breaker)
    clock.now_s += wait_of(breaker)
    assert breaker.admit()
    assert wait_of(breaker) > 0
    breaker.leave()
    assert breaker.admit()


def test_a_trial_that_succeeds_closes_it(breaker, clock):
    opened(breaker)
    trial(breaker, clock)
    assert not breaker.is_open
    assert not breaker.admit()


def test_each_trial_that_fails_doubles_the_wait_up_to_the_longest(breaker, clock):
    opened(breaker)
    for longest_s in (2.0, 4.0, 4.0):
        trial(breaker, clock, UNREACHABLE)
        assert 0.75 * longest_s <= wait_of(breaker) <= longest_s


def test_faults_of_calls_sent_before_it_opened_do_not_prolong_it(breaker):
    opened(breaker)
    before = wait_of(breaker)
    for _ in range(10):
        breaker.failed(UNREACHABLE)
    assert wait_of(breaker) == before


def test_a_late_answer_to_a_call_sent_before_does_not_close_it(breaker):
    breaker.failed(Fault(Kind.UNREACHABLE, "too often", retry_after_s=30.0))
    breaker.succeeded()
    assert wait_of(breaker) == 30.0


def test_a_standing_fault_opens_it_at_once(breaker):
    breaker.failed(PERMANENT)
    assert wait_of(breaker) == TIMINGS.standing_cooldown_s


@pytest.mark.parametrize(("told_s", "waited_s"), [(7.0, 7.0), (86_400.0, 60.0), (0.0, 1.0)])
def test_it_waits_as_long_as_it_is_told_within_reason(breaker, told_s, waited_s):
    breaker.failed(Fault(Kind.UNREACHABLE, "too often", retry_after_s=told_s))
    assert wait_of(breaker) == waited_s

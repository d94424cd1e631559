import pytest

from sage.errors import ProviderUnavailableError
from sage.providers.remote.breaker import CircuitBreaker
from sage.providers.remote.endpoints import Timings
from sage.providers.remote.faults import Fault, FaultKind

TIMINGS = Timings(
    failure_threshold=3,
    initial_cooldown_s=1.0,
    max_cooldown_s=4.0,
    permanent_cooldown_s=30.0,
    max_retry_after_s=60.0,
)
UNREACHABLE = Fault(FaultKind.UNREACHABLE, "it is down", "check the network")
PERMANENT = Fault(FaultKind.PERMANENT, "it rejected the key")


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
    return CircuitBreaker(TIMINGS, clock)


def wait_of(breaker):
    with pytest.raises(ProviderUnavailableError) as refused:
        breaker.admit()
    return refused.value.retry_in_s


def trial(breaker, clock, fault=None):
    """Wait until a trial call is allowed, and end it with success or a fault."""
    clock.now_s += wait_of(breaker)
    assert breaker.admit()
    if fault is None:
        breaker.record_success(on_trial=True)
    else:
        breaker.record_fault(fault, on_trial=True)
    breaker.end_trial()


def open_it(breaker):
    for _ in range(TIMINGS.failure_threshold):
        breaker.record_fault(UNREACHABLE)
    assert breaker.is_open


def test_while_it_is_open_the_error_says_since_when(breaker):
    breaker.record_fault(PERMANENT)
    with pytest.raises(ProviderUnavailableError, match=r"^not called since \d\d:\d\d:\d\d UTC: it"):
        breaker.admit()


def test_it_opens_after_repeated_faults_and_not_before(breaker):
    for _ in range(TIMINGS.failure_threshold - 1):
        breaker.record_fault(UNREACHABLE)
        assert not breaker.admit()
    breaker.record_fault(UNREACHABLE)
    assert 0.75 <= wait_of(breaker) <= 1.0


def test_a_success_between_faults_resets_the_count(breaker):
    for _ in range(10):
        breaker.record_fault(UNREACHABLE)
        breaker.record_success()
    assert not breaker.is_open
    assert breaker.last_error == ""


def test_the_error_says_what_went_wrong_and_what_to_do(breaker):
    open_it(breaker)
    with pytest.raises(ProviderUnavailableError, match="it is down") as refused:
        breaker.admit()
    assert refused.value.hint == "check the network"
    assert breaker.last_error == "it is down"


def test_one_trial_call_goes_through_and_the_others_wait(breaker, clock):
    open_it(breaker)
    clock.now_s += wait_of(breaker)
    assert breaker.admit()
    assert wait_of(breaker) > 0
    breaker.end_trial()
    assert breaker.admit()


def test_a_trial_call_that_succeeds_closes_it(breaker, clock):
    open_it(breaker)
    trial(breaker, clock)
    assert not breaker.is_open
    assert not breaker.admit()


def test_each_trial_call_that_fails_doubles_the_cooldown_up_to_the_maximum(breaker, clock):
    open_it(breaker)
    for max_s in (2.0, 4.0, 4.0):
        trial(breaker, clock, UNREACHABLE)
        assert 0.75 * max_s <= wait_of(breaker) <= max_s


def test_faults_of_calls_sent_before_it_opened_do_not_prolong_it(breaker):
    open_it(breaker)
    before = wait_of(breaker)
    for _ in range(10):
        breaker.record_fault(UNREACHABLE)
    assert wait_of(breaker) == before


def test_a_late_success_of_a_call_sent_before_it_opened_does_not_close_it(breaker):
    breaker.record_fault(Fault(FaultKind.UNREACHABLE, "too often", retry_after_s=30.0))
    breaker.record_success()
    assert wait_of(breaker) == 30.0


def test_a_permanent_fault_opens_it_at_once(breaker):
    breaker.record_fault(PERMANENT)
    assert wait_of(breaker) == TIMINGS.permanent_cooldown_s


@pytest.mark.parametrize(("retry_after_s", "waited_s"), [(7.0, 7.0), (86_400.0, 60.0), (0.0, 1.0)])
def test_it_obeys_retry_after_within_bounds(breaker, retry_after_s, waited_s):
    breaker.record_fault(Fault(FaultKind.UNREACHABLE, "too often", retry_after_s=retry_after_s))
    assert wait_of(breaker) == waited_s

"""A circuit breaker: calls to a failing provider stop, then one trial call is sent."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.errors import ProviderUnavailableError
from sage.phrases import phrase
from sage.providers.remote.faults import FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.providers.remote.endpoints import Timings
    from sage.providers.remote.faults import Fault

_TRIAL_WAIT_S = 0.5


class CircuitBreaker:
    """Opens after repeated faults, at once on a permanent one or on Retry-After.

    While it is open, calls fail without being sent. After the cooldown, which doubles each time up
    to a limit, it is half-open: one trial call is sent, and its success closes the breaker.
    """

    def __init__(self, timings: Timings, clock: Callable[[], float] = time.monotonic) -> None:
        self._timings = timings
        self._clock = clock
        self._consecutive_faults = 0
        self._times_opened = 0
        self._open_until: float | None = None
        self._on_trial = False
        self._last_fault: Fault | None = None
        self._last_fault_at = ""

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open or half-open."""
        return self._open_until is not None

    @property
    def last_error(self) -> str:
        """The last fault's message, empty after a success."""
        return "" if self._last_fault is None else self._last_fault.message

    def admit(self) -> bool:
        """Allow an attempt, while open only one trial call once the cooldown is over.

        Returns whether this is the trial call: then `end_trial` must be called when it ends.
        Raises ProviderUnavailableError.
        """
        if self._open_until is None:
            return False
        wait_s = self._open_until - self._clock()
        if wait_s > 0 or self._on_trial:
            raise self._open_error(max(wait_s, _TRIAL_WAIT_S if self._on_trial else 0.0))
        self._on_trial = True
        return True

    def end_trial(self) -> None:
        """End the trial call, whatever its outcome."""
        self._on_trial = False

    def record_success(self, *, on_trial: bool = False) -> None:
        """Record a response; one to a call sent before the breaker opened does not close it."""
        if self.is_open and not on_trial:
            return
        self._consecutive_faults = self._times_opened = 0
        self._open_until = self._last_fault = None

    def record_fault(self, fault: Fault, *, on_trial: bool = False) -> None:
        """Record a fault, which may open the breaker; a call sent before does not prolong it."""
        self._consecutive_faults += 1
        self._last_fault = fault
        self._last_fault_at = f"{datetime.now(UTC):%H:%M:%S} UTC"
        if self.is_open and not on_trial and fault.retry_after_s is None:
            return
        cooldown_s = self._cooldown_s(fault)
        if cooldown_s is not None:
            self._times_opened += 1
            self._open_until = self._clock() + cooldown_s

    def _cooldown_s(self, fault: Fault) -> float | None:
        timings = self._timings
        if fault.retry_after_s is not None:
            return timings.clamp_retry_after_s(fault.retry_after_s)
        if fault.kind is FaultKind.PERMANENT:
            return timings.permanent_cooldown_s
        if self._consecutive_faults < timings.failure_threshold and not self._times_opened:
            return None
        cooldown_s = timings.initial_cooldown_s * 2.0 ** min(self._times_opened, 16)
        jitter = random.uniform(0.75, 1.0)  # noqa: S311 - not used for security
        return min(cooldown_s, timings.max_cooldown_s) * jitter

    def _open_error(self, wait_s: float) -> ProviderUnavailableError:
        fault = self._last_fault
        message, hint = "waiting for a trial call", ""
        if fault is not None:
            message, hint = (
                phrase(
                    "not called since {last_fault_at}: {message}",
                    last_fault_at=self._last_fault_at,
                    message=fault.message,
                ),
                fault.hint,
            )
        return ProviderUnavailableError(message, hint=hint, retry_in_s=wait_s)

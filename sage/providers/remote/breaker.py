"""A circuit breaker: a failing provider is left alone, then tried with one call."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.errors import ProviderUnavailableError
from sage.providers.remote.faults import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.providers.remote.endpoints import Timings
    from sage.providers.remote.faults import Fault

_TRIAL_WAIT_S = 0.5


class Breaker:
    """Opens after repeated faults, at once at a standing one, or when told how long to wait.

    While it is open every call is refused without being sent. After the cooldown, which doubles
    each time up to a limit, one call goes through: its success closes the breaker.
    """

    def __init__(self, timings: Timings, clock: Callable[[], float] = time.monotonic) -> None:
        self._timings = timings
        self._clock = clock
        self._faults = 0
        self._openings = 0
        self._open_until: float | None = None
        self._on_trial = False
        self._last: Fault | None = None
        self._last_at = ""

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, or one is on trial."""
        return self._open_until is not None

    @property
    def last_error(self) -> str:
        """What went wrong last, empty since the last success."""
        return "" if self._last is None else self._last.message

    def admit(self) -> bool:
        """Let an attempt through; while open only one, on trial, when the cooldown is over.

        Tells whether it is on trial: then `leave` has to be called when it is over. Raises
        ProviderUnavailableError.
        """
        if self._open_until is None:
            return False
        wait_s = self._open_until - self._clock()
        if wait_s > 0 or self._on_trial:
            raise self._refusal(max(wait_s, _TRIAL_WAIT_S if self._on_trial else 0.0))
        self._on_trial = True
        return True

    def leave(self) -> None:
        """End a trial, however it went."""
        self._on_trial = False

    def succeeded(self, *, on_trial: bool = False) -> None:
        """Note an answer. One to a call sent before it opened does not close it."""
        if self.is_open and not on_trial:
            return
        self._faults = self._openings = 0
        self._open_until = self._last = None

    def failed(self, fault: Fault, *, on_trial: bool = False) -> None:
        """Note a fault; it may open the breaker. One of a call sent before that does not."""
        self._faults += 1
        self._last = fault
        self._last_at = f"{datetime.now(UTC):%H:%M:%S} UTC"
        if self.is_open and not on_trial and fault.retry_after_s is None:
            return
        cooldown_s = self._cooldown_s(fault)
        if cooldown_s is not None:
            self._openings += 1
            self._open_until = self._clock() + cooldown_s

    def _cooldown_s(self, fault: Fault) -> float | None:
        timings = self._timings
        if fault.retry_after_s is not None:
            return timings.believed_wait_s(fault.retry_after_s)
        if fault.kind is Kind.PERMANENT:
            return timings.standing_cooldown_s
        if self._faults < timings.failures_to_open and not self._openings:
            return None
        longest_s = timings.first_cooldown_s * 2.0 ** min(self._openings, 16)
        spread = random.uniform(0.75, 1.0)  # noqa: S311 - spreads retries, guards nothing
        return min(longest_s, timings.longest_cooldown_s) * spread

    def _refusal(self, wait_s: float) -> ProviderUnavailableError:
        fault = self._last
        message, hint = "it is tried again", ""
        if fault is not None:
            message, hint = f"not asked since {self._last_at}: {fault.message}", fault.hint
        return ProviderUnavailableError(message, hint=hint, retry_in_s=wait_s)

"""A provider's address and key, and the timeouts and retries of calls to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Timings:
    """Timeouts, deadlines, retries and circuit breaker thresholds. All times are in seconds.

    Deadlines are slightly shorter than those of the requests that wait for them, so that a hanging
    provider times out here and opens the circuit breaker.
    """

    connect_s: float = 2.0
    read_s: float = 20.0
    query_deadline_s: float = 4.0
    batch_deadline_s: float = 60.0
    rerank_deadline_s: float = 2.5
    chat_deadline_s: float = 7.5
    max_attempts: int = 3
    initial_delay_s: float = 0.5
    max_delay_s: float = 8.0
    failure_threshold: int = 5
    initial_cooldown_s: float = 1.0
    max_cooldown_s: float = 15.0
    permanent_cooldown_s: float = 30.0
    max_retry_after_s: float = 600.0

    def clamp_retry_after_s(self, retry_after_s: float) -> float:
        """Return a provider's Retry-After, bounded so that neither 0 nor a whole day is obeyed."""
        return min(max(retry_after_s, self.initial_cooldown_s), self.max_retry_after_s)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider's API.

    `name` appears in messages, `provider` in the identity of models. `url_variable` and
    `key_variable` are the settings that hints point to. `models_may_change` marks a server whose
    owner can put another model behind the same name.
    """

    name: str
    provider: str
    base_url: str
    api_key: SecretStr | None
    url_variable: str
    key_variable: str
    models_may_change: bool = False

"""Where a model answers, and how patient Sage is with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Timings:
    """How long is waited, in seconds, how often tried, and when it is let be for a while.

    Deadlines are a little shorter than those of the answers that wait for them, so that a provider
    that hangs is noticed here and let be.
    """

    connect_s: float = 2.0
    read_s: float = 20.0
    query_deadline_s: float = 4.0
    batch_deadline_s: float = 60.0
    rerank_deadline_s: float = 2.5
    chat_deadline_s: float = 7.5
    attempts: int = 3
    first_delay_s: float = 0.5
    longest_delay_s: float = 8.0
    failures_to_open: int = 5
    first_cooldown_s: float = 1.0
    longest_cooldown_s: float = 15.0
    standing_cooldown_s: float = 30.0
    longest_retry_after_s: float = 600.0

    def believed_wait_s(self, told_s: float) -> float:
        """Bound the seconds a provider wants to be let be: neither none at all nor a day."""
        return min(max(told_s, self.first_cooldown_s), self.longest_retry_after_s)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One provider's interface. The variables are those to look at when it refuses.

    `name` stands in messages, `provider` in the identity of models. `is_anyones` marks an interface
    that any server may offer, with any model behind a name.
    """

    name: str
    provider: str
    base_url: str
    api_key: SecretStr | None
    url_variable: str
    key_variable: str
    is_anyones: bool = False

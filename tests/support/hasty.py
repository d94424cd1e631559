"""Patience for tests: as in earnest, but for a provider on loopback."""

from sage.providers.remote.endpoints import Timings

HASTY = Timings(
    connect_s=0.5,
    read_s=0.3,
    query_deadline_s=0.5,
    batch_deadline_s=1.0,
    rerank_deadline_s=0.5,
    chat_deadline_s=0.5,
    first_delay_s=0.01,
    longest_delay_s=0.05,
    first_cooldown_s=0.05,
    longest_cooldown_s=0.2,
    standing_cooldown_s=0.1,
)

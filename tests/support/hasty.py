"""Patience for tests: as in earnest, but for a provider on loopback."""

from sage.providers.remote.endpoints import Timings

HASTY = Timings(
    connect_s=0.5,
    read_s=0.3,
    query_deadline_s=0.5,
    batch_deadline_s=1.0,
    rerank_deadline_s=0.5,
    chat_deadline_s=0.5,
    initial_delay_s=0.01,
    max_delay_s=0.05,
    initial_cooldown_s=0.05,
    max_cooldown_s=0.2,
    permanent_cooldown_s=0.1,
)

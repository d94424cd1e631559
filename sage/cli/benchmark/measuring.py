"""Measure retrieval quality in a temporary database, with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.benchmark.quality import measure_quality, quality_steps
from sage.cli.benchmark.running import measure_in_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.cli.benchmark.quality import QualityPlan, SetQuality
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


def measure_sets(
    settings: Settings, console: Console, sets: tuple[ConversationSet, ...], plan: QualityPlan
) -> list[SetQuality]:
    """Return the retrieval quality for sets of conversations. Raises SageError."""

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[SetQuality]:
        return await measure_quality(place, sets, plan, advance)

    return measure_in_sandbox(settings, console, "quality", quality_steps(sets, plan), measure)

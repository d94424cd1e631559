"""Report the relevance of a search's results, and the parts that were skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.domain.local_time import local_time_text
from sage.domain.relevance import Relevance
from sage.domain.searching import MAX_PENDING
from sage.domain.text.wording import counted, counted_up_to
from sage.phrases import as_phrase, numbered, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.exchanges import AskedBefore
    from sage.domain.relevance import JudgedBy
    from sage.domain.searching import Degradation

_MEANINGS = {
    Relevance.STRONG: phrase("Strong: a stored memory answers this."),
    Relevance.WEAK: phrase("Weak: a stored memory may answer this."),
    Relevance.NONE: phrase("No stored memory seems to answer this; these are only the closest."),
    Relevance.UNKNOWN: phrase("Relevance is unknown; these are the closest."),
}


def write_relevance(relevance: Relevance, by: JudgedBy | None, console: Console) -> None:
    """Write the relevance with its probability; on a terminal always, else only as a warning."""
    if relevance in {Relevance.WEAK, Relevance.NONE} or console.draws:
        console.note((_meaning(relevance, by), Style.FAINT))


def _meaning(relevance: Relevance, by: JudgedBy | None) -> str:
    if by is None or by.probability is None or by.thresholds is None:
        return _MEANINGS[relevance]
    likely, strong = f"{by.probability:.2f}", f"{by.thresholds.strong:.2f}"
    if relevance is Relevance.STRONG:
        return phrase(
            "Strong: one of these answers with probability {likely} (strong from {strong}); each"
            " has its own.",
            likely=likely,
            strong=strong,
        )
    if relevance is Relevance.WEAK:
        return phrase(
            "Weak: one of these answers with probability {likely} (strong from {strong}); each"
            " has its own.",
            likely=likely,
            strong=strong,
        )
    return _MEANINGS[relevance]


def write_judged_by(by: JudgedBy | None, console: Console) -> None:
    """Write how relevance was judged, and the duration of each stage, if known."""
    if by is None:
        return
    if by.probability is not None and by.thresholds is not None:
        console.note(
            phrase(
                "answered with probability {probability}; weak from {weak}, strong from {strong}",
                probability=f"{by.probability:.2f}",
                weak=f"{by.thresholds.weak:.2f}",
                strong=f"{by.thresholds.strong:.2f}",
            )
        )
    stages = "  ".join(f"{stage} {took:.1f}" for stage, took in by.took_ms.items())
    console.note(
        numbered(
            "{count} memory compared; milliseconds: {stages}",
            "{count} memories compared; milliseconds: {stages}",
            count=by.candidates,
            stages=stages,
        )
    )


def write_nothing(relevance: Relevance, console: Console) -> None:
    """Report that there are no hits to show, and how to see the closest."""
    if relevance in {Relevance.UNKNOWN, Relevance.STRONG}:
        console.note(phrase("nothing found"))
        return
    console.note(
        phrase(
            "no relevant memories (relevance {relevance}); --min-relevance none shows the closest",
            relevance=relevance,
        )
    )


def write_asked_before(asked: AskedBefore | None, timezone: tzinfo, console: Console) -> None:
    """Write how often the same question was asked before without an answer, if it was."""
    if asked is not None:
        times = counted(asked.count, "time", "times")
        last = local_time_text(asked.last_at, timezone)
        console.note(
            phrase(
                "asked {times} before, last on {last}, without an answer",
                times=times,
                last=last,
            )
        )


def write_pending(pending: int | None, console: Console) -> None:
    """Write how many memories have no vectors yet, if any."""
    if pending:
        memories = counted_up_to(MAX_PENDING, pending, "memory", "memories")
        console.note(
            phrase("not embedded yet, found by keyword only: {memories}", memories=memories)
        )


def write_skipped(degraded: Sequence[Degradation], console: Console) -> None:
    """Write the parts of the search that were skipped, and why."""
    for part in degraded:
        line = phrase(
            "{skipped} {part}: {reason}",
            skipped=phrase("skipped"),
            part=as_phrase(part.part),
            reason=as_phrase(part.reason),
        )
        console.note(*styled(line, skipped=Style.WARN), hang=2)

"""Explain in words why a memory was found, or was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.cli.views.memory import write_memory
from sage.domain.ids import short_id
from sage.domain.local_time import local_time_text
from sage.domain.locating import Located, Verdict
from sage.phrases import joined, phrase
from sage.phrases.language import gap
from sage.retrieval.ranking.explanations import loses_most_in, reasons, sentences
from sage.retrieval.text.highlights import matches_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.relevance import JudgedBy
    from sage.domain.searching import Hit

_INDENT = 6
_FAMILIES = {
    "Meaning": phrase("Meaning"),
    "Keywords": phrase("Keywords"),
    "Neighbouring turns": phrase("Neighbouring turns"),
    "Its session": phrase("Its session"),
    "Names": phrase("Names"),
    "Dates": phrase("Dates"),
    "Form": phrase("Form"),
    "Language": phrase("Language"),
}
_OPTIONS = {
    "session_id": "--session",
    "similarity_threshold": "--threshold",
    "min_relevance": "--min-relevance",
    "max_age_days": "SAGE_MAX_AGE_DAYS",
}
_ONLY_ASKS = "include_questions"
_OF_MODELS = 5


def write_why(console: Console, hit: Hit, query: str, judged_by: JudgedBy | None) -> None:
    """Write the reasons for and against a hit."""
    matched = [hit.content[start:end] for start, end in matches_of(query)(hit.content)]
    pro, con = reasons(hit, matched)
    least = judged_by.thresholds.weak if judged_by and judged_by.thresholds else 0.0
    lines = sentences(
        pro,
        con,
        compared=judged_by.candidates if judged_by else 0,
        is_unlikely=hit.probability is not None and hit.probability < least,
    )
    console.write(" " * _INDENT, (joined(gap(), lines), Style.FAINT), hang=_INDENT)


def write_why_not(console: Console, located: Located, timezone: tzinfo) -> None:
    """Write the rank of another memory in a search, and what it lacks."""
    if located.memory is not None:
        write_memory(console, located.memory, timezone)
    lines = [*_verdict(located, timezone)]
    if located.contributions and located.first and located.place != 1:
        worst = loses_most_in(located.contributions, located.first)
        if worst:
            lines.append(
                phrase(
                    "Its lowest score, compared with the first result, is for “{part}”.",
                    part=_FAMILIES[worst],
                )
            )
    if located.embedded is False:
        lines.append(phrase("It is not embedded yet, and can be found by keyword only."))
    if located.kind and located.verdict is not Verdict.FILTERED:
        lines.append(phrase("It is of a kind that is only found if it was answered."))
    if located.shown_as is not None:
        lines.append(phrase("It is shown with the result {id}.", id=short_id(located.shown_as)))
    console.write(" " * _INDENT, joined(gap(), lines), hang=_INDENT)


def _verdict(located: Located, timezone: tzinfo) -> list[str]:
    lines: list[str] = []
    match located.verdict:
        case Verdict.UNKNOWN:
            lines = [phrase("There is no such memory, or none that contains these words.")]
        case Verdict.FORGOTTEN if located.forgotten_at is not None:
            day = local_time_text(located.forgotten_at, timezone)
            lines = [phrase("It was forgotten on {day}.", day=day)]
        case Verdict.SUPERSEDED:
            newer = [short_id(one) for one in located.superseded_by]
            lines = [phrase("A later message replaced it: {ids}.", ids=newer)]
        case Verdict.FILTERED:
            lines = _filtered(located)
        case Verdict.NOT_A_CANDIDATE:
            lines = [
                phrase(
                    "It was not considered: it shares no distinctive word with the "
                    "question, and is not close to it in meaning."
                )
            ]
        case _ if located.place == 1:
            lines = [phrase("It is already the first result.")]
        case _ if located.place is not None:
            lines = _placed(located.place, located.of or located.place)
    return lines


def _placed(place: int, count: int) -> list[str]:
    lines = [phrase("It ranks {place} of {count}.", place=place, count=count)]
    if place > _OF_MODELS:
        lines.append(phrase("A model that requests five results does not see it."))
    return lines


def _filtered(located: Located) -> list[str]:
    names = [_OPTIONS.get(one, f"--{one}") for one in located.filtered_by if one != _ONLY_ASKS]
    lines = []
    if names:
        lines.append(phrase("Your filters exclude it: {filters}.", filters=names))
    if _ONLY_ASKS in located.filtered_by:
        lines.append(phrase("It is only a question, and questions are not results."))
    return lines

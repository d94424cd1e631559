"""Explain why a memory was found: contributions of the signals by family, and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.phrases import joined, phrase
from sage.retrieval.ranking.ranker import OTHER_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.domain.searching import Hit

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "Meaning": ("meaning",),
    "Keywords": ("words",),
    "Neighbouring turns": ("surrounding_meaning", "surrounding_words"),
    "Its session": ("session_meaning", "session_words"),
    "Names": ("speaker",),
    "Dates": ("date", "tells_time", "touches_time"),
    "Form": ("asks", "replies", "speaks_of_self"),
    "Language": (OTHER_LANGUAGE,),
}
_FOR = {
    "Meaning": phrase("its meaning is closer to the question"),
    "Neighbouring turns": phrase("the neighbouring turns are closer to the question"),
    "Its session": phrase("its whole session is closer to the question"),
    "Names": phrase("the person asked about says it"),
    "date": phrase("it is from around the date asked about"),
    "Dates": phrase("it contains a date or time"),
    "asks": phrase("it is a question itself"),
    "replies": phrase("it answers a question"),
    "Form": phrase("it is in the first person"),
}
_AGAINST = {
    "Meaning": phrase("its meaning is less close"),
    "Keywords": phrase("it contains few words of the question"),
    "Neighbouring turns": phrase("the neighbouring turns are less close"),
    "Its session": phrase("its session is less close"),
    "Names": phrase("it is not said by the person asked about"),
    "date": phrase("its date is less close"),
    "Dates": phrase("it contains no date or time"),
    "asks": phrase("it is only a question"),
    "replies": phrase("it is not in the first person"),
    "Form": phrase("it answers no question"),
    "Language": phrase("it is in another language than most candidates"),
}
_MIN_SHOWN = 0.12
_MAX_FOR, _MAX_AGAINST = 3, 2
_MAX_WORDS = 4


@dataclass(frozen=True, slots=True)
class SignalBar:
    """One family in the chart. `beside` is where the first hit's bar ends; positions in percent."""

    family: str
    value: float
    starts: float
    width: float
    beside: float | None


def bars(added: Mapping[str, float], first: Mapping[str, float]) -> list[SignalBar]:
    """Return the chart of a memory's contributions, beside those of the `first` hit, if any."""
    worth = _by_family(added)
    others = _by_family(first) if first else {}
    reach = max(1.0, *map(abs, [*worth.values(), *others.values()])) * 1.04
    return [
        SignalBar(
            family,
            value,
            50 + 50 * min(value, 0.0) / reach,
            50 * abs(value) / reach,
            50 + 50 * others[family] / reach if family in others else None,
        )
        for family, value in worth.items()
        if family != "Language" or value
    ]


def reasons(hit: Hit, matched: Sequence[str]) -> tuple[str, str]:
    """Return the reasons for and against a hit as text, the strongest first.

    They compare, since contributions are relative to the other candidates. `matched` are the words
    of the question that the hit contains. For a hit shown in place of another, which may be a
    question, its form is not mentioned: the form of the other was compared.
    """
    words = list(dict.fromkeys(word.lower() for word in matched))[:_MAX_WORDS]
    pro: list[str] = []
    con: list[str] = []
    worth = _by_family(hit.contributions)
    for family in sorted(worth, key=lambda one: -abs(worth[one])):
        is_of_another = family == "Form" and hit.stands_for is not None
        has_no_words = family == "Keywords" and worth[family] > 0 and not words
        if abs(worth[family]) < _MIN_SHOWN or is_of_another or has_no_words:
            continue
        side, sentence = (pro, _for) if worth[family] > 0 else (con, _against)
        side.append(sentence(family, hit.signals, words))
    return _listed(pro[:_MAX_FOR]), _listed(con[:_MAX_AGAINST])


def sentences(pro: str, con: str, *, compared: int, is_unlikely: bool) -> list[str]:
    """Return the reasons from `reasons` as sentences about a hit among `compared` candidates."""
    if pro:
        parts = [
            phrase(
                "It stands out among the {count} closest because {reasons}.",
                count=compared,
                reasons=pro,
            )
        ]
    else:
        parts = [
            phrase("It is average in every respect: it was found together with its neighbours.")
        ]
    if con:
        parts.append(phrase("Against it: {reasons}.", reasons=con))
    if is_unlikely:
        parts.append(phrase("Even so, it is unlikely to answer."))
    return parts


def loses_most_in(added: Mapping[str, float], first: Mapping[str, float]) -> str:
    """Return the family in which a memory is furthest behind the first hit; empty for none."""
    worth, others = _by_family(added), _by_family(first)
    behind = {family: others[family] - worth[family] for family in worth}
    worst = max(behind, key=behind.__getitem__)
    return worst if behind[worst] >= _MIN_SHOWN else ""


def _by_family(added: Mapping[str, float]) -> dict[str, float]:
    return {
        family: sum(added.get(name, 0.0) for name in names) for family, names in FAMILIES.items()
    }


def _for(family: str, signals: Mapping[str, float], words: Sequence[str]) -> str:
    if family == "Keywords":
        quoted = [phrase("“{word}”", word=word) for word in words]
        return phrase("it contains {words}", words=joined(", ", quoted))
    return _FOR[_aspect(family, signals)]


def _against(family: str, signals: Mapping[str, float], _words: Sequence[str]) -> str:
    return _AGAINST[_aspect(family, signals)]


def _aspect(family: str, signals: Mapping[str, float]) -> str:
    """Return the signal of a family to name, if its signals differ."""
    known = {"Dates": ("date",), "Form": ("asks", "replies")}.get(family, ())
    return next((name for name in known if signals.get(name)), family)


def _listed(reasons: Sequence[str]) -> str:
    """Return reasons as one list in words."""
    if len(reasons) < 2:  # noqa: PLR2004 - one alone is joined to nothing
        return reasons[0] if reasons else ""
    most = joined(", ", reasons[:-1])
    return phrase("{reasons} and {last}", reasons=most, last=reasons[-1])

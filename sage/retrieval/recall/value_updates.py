"""Find the current statement in place of an older one that names another value."""

from __future__ import annotations

import re

from sage.retrieval.text.lexemes import query_of

_NAME = re.compile(r"(?<![A-Za-z])[A-Z][a-z]+(?: [A-Z][a-z]+)+")
_RUN = re.compile(r"[\w./:@~-]*[\w/]", re.ASCII)
_IS_A_VALUE = re.compile(r"\d|\w[_/.:@]\w|/\w|\w-\w+-\w", re.ASCII)
"""A number, a path, an address, or several words joined to one."""
_CHANGES = re.compile(
    r"\b(?:now|moved?|migrated|switch(?:ed|es)?|changed?|correction|instead|since|from now on"
    r"|no longer|any ?more|renamed|replaced|rebuilt|raised|lowered|new|old|used to be|as of"
    r"|jetzt|nun|ab sofort|umgezogen|statt|nicht mehr|désormais|maintenant|ne .{1,20}plus"
    r"|remplac\w+|ahora|ya no|en vez)\b"
    r"|现在|换[到成]|改[到成为]|更正|挪|搬|以后|从今|今后|不再|升到|新的?|旧",
    re.IGNORECASE,
)
_PLAIN = frozenset({"0", "0:0", "0.0"})
"""Numbers in a form that does not show their kind."""


def states_change(text: str) -> bool:
    """Return whether a text says that something changed."""
    return _CHANGES.search(text) is not None


def may_supersede(newer: str, older: str, subject: frozenset[str]) -> bool:
    """Return whether a later statement on the same subject names another thing of the same kind.

    Either both have the same words beside the thing, or the things are written alike; then both
    have a common word beside the subject, or the form is a rare one.
    """
    now, before = _values_in(newer), _values_in(older)
    words, words_before = words_beside_values(newer), words_beside_values(older)
    if words & subject != words_before & subject:
        return False
    if words == words_before:
        return now != before
    forms = {form for form in now.keys() & before.keys() if now[form].isdisjoint(before[form])}
    return bool(forms) and (bool(words & words_before - subject) or not forms <= _PLAIN)


def share_values(one: str, other: str) -> bool:
    """Return whether two texts name the same thing."""
    here, there = (set().union(*_values_in(text).values()) for text in (one, other))
    return not here.isdisjoint(there)


def names_other_value(newer: str, older: str) -> bool:
    """Return whether two texts name different things that are written alike."""
    now, before = _values_in(newer), _values_in(older)
    return any(now[form].isdisjoint(before[form]) for form in now.keys() & before.keys())


def words_beside_values(text: str) -> set[str]:
    """Return the words of a text except the things that it names."""
    return set(query_of(_without_values(text)).terms)


def _values_in(text: str) -> dict[str, set[str]]:
    """Return the things that a text names, grouped by their form."""
    found: dict[str, set[str]] = {}
    for name in _NAME.finditer(text):
        found.setdefault("name", set()).add(name[0].casefold())
    for run in _RUN.finditer(text):
        if _IS_A_VALUE.search(run[0]):
            form = re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "0", run[0]))
            found.setdefault(form, set()).add(run[0].casefold())
    return found


def _without_values(text: str) -> str:
    text = _NAME.sub(" ", text)
    return _RUN.sub(lambda run: " " if _IS_A_VALUE.search(run[0]) else run[0], text)

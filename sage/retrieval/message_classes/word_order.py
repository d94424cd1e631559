"""Recognize English questions without a question mark by their word order.

A question has an interrogative word with its noun, then a verb before its subject ("what vlan are
the cameras on") or a verb with its object ("which supplier sells the gaskets"). A clause that goes
on with a second verb is a statement ("what matters is the date", "who pays decides the price"), and
so is one with the subject before the verb ("what we need is a runner", "which laptop Marta gets").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MAX_WORDS_NAMED = 4
_WORD = re.compile(r"[^\s,()\"“”]+")
_BEFORE = _set_of("in on at to for from by with of about since until under over")
_COUNTED = _set_of("many much")
_BE = _set_of("is are was were isn't aren't wasn't weren't")
_OF_ONE = _set_of("is was isn't wasn't")
_AUXILIARY = _BE | _set_of(
    """
    do does did doesn't don't didn't have has had hasn't haven't hadn't can could should shall
    would will would may might must can't cannot couldn't shouldn't wouldn't won't
    """
)
_SUBJECTS = _set_of(
    """
    i you we they he she it there everyone everybody someone somebody anyone nobody others several
    many most few more less two three four five
    """
)
_OBJECTS = _set_of(
    """
    the a an this that these those my our your his her its their us me him them it each every all
    both any some
    """
)
_LINKS = _set_of(
    """
    and or but so because if when where why how that who which what whose whether than as then
    not no also just only even to in on at for from by with about into over under above below
    across around behind beside near against among after before during since until while out up
    down off through via per like without within between of still already again too never ever
    always almost nearly besides
    """
)
_CLAUSES = _set_of("that whether where who when how")
_NO_NAME = _LINKS | _SUBJECTS | _OBJECTS | _AUXILIARY
_DECIDES = _set_of(
    """
    depends matters varies counts decides determines helps remains gets goes stays means comes takes
    """
)
"""Predicates of a question or of an unnamed person: "which node is free gets the job"."""
_KNOWN = _set_of("clear unclear open fine known settled decided undecided")
"""Predicates of a thing that is asked about: "which floor is clear now"."""
_PAST = _set_of(
    """
    began bought broke brought built came caught chose cost cut did drew drove fell felt found gave
    got grew held hit hurt kept knew led left let lost made meant met paid put ran read rose said
    saved saw sent set shipped sold spent stood stuck took taught told went won wore wrote
    """
)
_NO_VERBS = _set_of("kubernetes postgres news https series sales")
_MAY_BE_NOUNS = _set_of("cost cut hit hurt left put read run set stuck wore")
_NOT_WHAT = _DECIDES | _set_of(
    """
    people folks others users customers kids amazing awesome awful bad beautiful brilliant cool
    crazy cute excellent fantastic fun funny good gorgeous great horrible incredible lovely nice
    perfect pretty sad sweet terrible wonderful such
    """
)
"""Words after "what" in an exclamation, or before an action."""
_MIN_LETTERS_OF_A_VERB = 4


def asks_by_order(clause: str) -> bool:
    """Return whether a clause beginning with what, which, whose, who or how many is a question."""
    words = _WORD.findall(clause)
    at = 1 if len(words) > 1 and words[0].lower() in _BEFORE else 0
    asking = words[at].lower() if words else ""
    rest = words[at + 1 :]
    first = rest[0].lower() if rest else ""
    if asking == "how":
        return first in _COUNTED and _asks_for(rest[1:], of_several=True)
    if asking == "who":
        return at == 0 and first != "cares" and _acts(rest)
    if asking == "what":
        return first not in _NOT_WHAT and (_acts(rest) or _asks_for(rest))
    if asking == "whose":
        return _asks_for(rest) and any(word.lower() in _AUXILIARY for word in rest)
    return asking == "which" and first != "case" and _asks_which(rest)


def states_who(clause: str) -> bool:
    """Return whether a clause states what somebody does: "who is on call answers the phone"."""
    words = [word.lower() for word in _WORD.findall(clause)]
    asks = words[:1] in (["who's"], ["whos"])
    if words[:1] == ["who"] and len(words) > 1:
        words, asks = words[1:], words[1] in _BE or words[1] in {"has", "have", "had"}
    return asks and _goes_on(words[1:], to_a_verb=True)


def _asks_which(words: Sequence[str]) -> bool:
    if words[:1] and words[0].lower() == "of":
        several = words[2:] if words[1:2] and words[1].lower() in _OBJECTS else words[1:]
        return _asks_for(several, of_several=True)
    if len(words) == 2:  # noqa: PLR2004 - "which test fails"
        return _is_third(words[1]) and _may_name(words[0], 0) and _is_thing(words[:1])
    return _asks_for(words)


def _asks_for(words: Sequence[str], *, of_several: bool = False) -> bool:
    """Return whether the words begin with a thing about which something is asked."""
    named = 0
    while named < min(len(words), _MAX_WORDS_NAMED) and _may_name(words[named], named):
        named += 1
    if named < len(words) and words[named].lower() in _AUXILIARY:
        return _is_turned(words, named, of_several=of_several)
    return any(
        _is_thing(words[:verb], of_several=of_several) and _acts(words[verb:])
        for verb in range(1, named)
    )


def _may_name(word: str, place: int) -> bool:
    """Return whether a word may belong to the name of a thing, so many words after its first."""
    small = word.lower()
    return (small not in _NO_NAME and small.split("'")[0] not in _SUBJECTS) or (
        place > 0 and small == "of"
    )


def _is_turned(words: Sequence[str], at: int, *, of_several: bool) -> bool:
    """Return whether an auxiliary follows a thing as in a question."""
    thing, auxiliary, rest = words[:at], words[at].lower(), words[at + 1 :]
    if not _is_thing(thing, of_several=of_several):
        return False
    first = rest[0].lower() if rest else ""
    if (
        not first
        or first in _KNOWN
        or first in {"which", "what", "who"}
        or (first in _BE and auxiliary not in _BE)
    ):
        return False
    is_of_it = auxiliary in _BE and first not in _OBJECTS and first not in _SUBJECTS
    if _goes_on(rest, to_a_verb=is_of_it):
        return False
    is_verb = not of_several and _is_verb(thing[-1])
    return not (is_verb and (auxiliary in _OF_ONE or not thing[-1].endswith("s")))


def _is_thing(words: Sequence[str], *, of_several: bool = False) -> bool:
    """Return whether words name a thing, rather than a person and an action."""
    if not words:
        return of_several
    first, follows = words[0], [*words[1:], ""]
    acted = _PAST - _MAY_BE_NOUNS if len(words) > 1 else _PAST
    if _is_past(first) or first.lower() in acted or any(map(_is_third, words[:-1])):
        return False
    acts = (not after or _is_verb(after) for after in follows)
    return not any(_is_somebody(one) and does for one, does in zip(words, acts, strict=True))


def _acts(words: Sequence[str]) -> bool:
    """Return whether the words begin with a verb and its object, and no second verb follows."""
    if len(words) < 2:  # noqa: PLR2004 - a verb alone acts on nothing
        return False
    verb, after = words[0].lower(), words[1].lower()
    if verb in _NO_NAME or verb in _DECIDES or after in _AUXILIARY or not after[0].isalnum():
        return False
    is_verb = _is_verb(words[0]) or (after in _OBJECTS and after != "it")
    return is_verb and not _goes_on(words[1:], to_a_verb=True)


def _goes_on(words: Sequence[str], *, to_a_verb: bool) -> bool:
    """Return whether more is said, apart from a clause about a thing.

    After a verb that acts, any second verb says more, unless it may be a noun.
    """
    small = ["", *(word.lower() for word in words), ""]
    for place, word in enumerate(words):
        before, same, after = small[place : place + 3]
        if before in {"that", "which", "who"}:
            continue
        verbs = _AUXILIARY if to_a_verb else _BE
        if same in _DECIDES or (same in verbs and before and before not in _SUBJECTS):
            return True
        follows = after and after not in _LINKS and after not in _AUXILIARY
        if to_a_verb and _is_verb(word) and (follows or (before and after in _CLAUSES)):
            return True
    return False


def _is_verb(word: str) -> bool:
    """Return whether a word may be a verb in the third person or past: "sells", "broke"."""
    small = word.lower()
    if small in _PAST:
        return True
    if word.isupper() or len(small) < _MIN_LETTERS_OF_A_VERB:
        return False
    return _is_third(small) or _is_past(small)


def _is_third(word: str) -> bool:
    """Return whether a word may be a verb in the third person present."""
    is_noun = word.endswith(("ss", "us", "is", "as", "os")) or word.lower() in _NO_VERBS
    return word.endswith("s") and not is_noun and len(word) >= _MIN_LETTERS_OF_A_VERB


def _is_past(word: str) -> bool:
    return word.endswith("ed") and not word.endswith("eed")


def _is_somebody(word: str) -> bool:
    """Return whether a word is spelled like a person's name."""
    return word[:1].isupper() and word[1:].islower()

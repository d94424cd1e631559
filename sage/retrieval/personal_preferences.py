"""Find what people say of how they want to be answered, and how an assistant is to work with them.

That holds wherever they work. A sentence that may name something of a project, or is about one
answer, is left out: in doubt it stays in the project where it was said.
"""

from __future__ import annotations

import re
from functools import reduce
from itertools import dropwhile, pairwise

from sage.domain.recall import SoughtTerms
from sage.retrieval import manners
from sage.retrieval.conduct import CONDUCT_MARKERS, CONDUCT_TERMS, says_how_to_behave
from sage.retrieval.conduct_chinese import (
    CHINESE_CONDUCT_TERMS,
    says_how_to_behave_in_chinese,
)
from sage.retrieval.conduct_elsewhere import (
    ELSEWHERE_TERMS,
    says_how_to_behave_elsewhere,
    says_how_to_behave_in_japanese,
)
from sage.retrieval.simplified_chinese import simplified
from sage.retrieval.words import terms_in
from sage.retrieval.working_manners import (
    BETWEEN_TWO_TERMS,
    LASTING_TERMS,
    WORKING_TERMS,
    says_how_to_work,
    says_how_to_work_in_chinese,
)

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)'", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(r"[`/\\_=<>{}()\[\]@#$*|~^]|\w[.:]\w|[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_]")
_HOURS = re.compile(r"\b(12|24)[- ]?h\b", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|«[^»]*»|„[^“]*“")
_POLITE = re.compile(r"(?:can|could|would|will) you (?:please )?", re.IGNORECASE)
_ADDRESSED = re.compile(
    r"(?:\b(?:call me|address me (?:as|by|with)|be (?:called|addressed as)|nenne?n? (?:sie )?mich"
    r"|appele?l?e?z?[- ]moi|llámame)|my pronouns are)"
    r"(?! (?:when|if|back|later|at|on|tomorrow|once)\b)((?: [^\W\d_]+\.?){1,3})"
    r"|(?:叫我|称呼我|喊我)([^去来做写改把，。,.!！]{1,8})",  # noqa: RUF001
    re.IGNORECASE,
)
_ANSWERS_IN = re.compile(
    r"\b(?:answer|reply|respond|talk|speak|antworte|antworten sie|réponds|répondez"
    r"|responde|responda)"
    r"(?: (?:to|with|me|us|mir|only|nur|bitte|please|in|auf|en|plain|simple))* ([^\W\d_]+)"
    rf"|用({'|'.join(manners.CHINESE_LANGUAGES)})"
    r"(?:来|跟我|和我|给我)?(?:回答|回复|答|说|讲|交流|聊)",
    re.IGNORECASE,
)

_KNOWN = reduce(
    frozenset.union,
    (
        *(manners.LANGUAGES, manners.BEFORE_A_LANGUAGE, manners.MANNERS, manners.WIDE_MANNERS),
        *(manners.ANSWERS, manners.WISHES, manners.POLITE, manners.ORDERS, manners.OTHER_CAPITALS),
    ),
)
_NOT_ALWAYS = manners.OF_A_PROJECT | manners.OF_ONE_ANSWER | manners.OTHERS


def _terms(*words: str) -> tuple[str, ...]:
    """Return what words are found by; of a longer Chinese one its first two characters."""
    cut = (word[:2] if _HAN.search(word) else word for word in words)
    terms = {term for word in cut for term in terms_in(word)}
    longer = {term for term in terms if len(term) > 1 or not _HAN.search(term)}
    alone = {word for word in words if len(word) == 1}
    return tuple(sorted(longer | alone))


_MANNER_TERMS = _terms(
    *(*manners.MANNERS, *manners.WIDE_MANNERS, *manners.LANGUAGES, "small", "d'émojis"),
    *(*manners.CHINESE_MANNERS, *manners.CHINESE_WIDE_MANNERS, *manners.CHINESE_LANGUAGES),
)
_WISH_TERMS = _terms(
    *(*manners.WISHES, *manners.ORDERS, *manners.POLITE, "now", "time", "read"),
    *(*manners.CHINESE_WISHES, *manners.CHINESE_ORDERS),
)
_ADDRESS_TERMS = _terms(
    *("call", "called", "address", "addressed", "pronouns", "nenn", "nenne", "nennen", "appelle"),
    *("appelez", "llámame", "叫我", "称呼", "喊我"),
)
_IN_ENGLISH = (_terms(*CONDUCT_TERMS), _terms(*CONDUCT_MARKERS))
_IN_CHINESE = (_terms(*CHINESE_CONDUCT_TERMS),)
_ELSEWHERE = (_terms(*ELSEWHERE_TERMS),)
LOOKED_UP = (
    (_MANNER_TERMS, _WISH_TERMS),
    (_ADDRESS_TERMS,),
    (_terms(*WORKING_TERMS), _terms(*LASTING_TERMS), _terms(*BETWEEN_TWO_TERMS)),
    _IN_ENGLISH,
    _IN_CHINESE,
    _ELSEWHERE,
)
"""Of one of these, a term of each group stands in every sentence with such a preference."""
PERSONAL_TERMS = SoughtTerms.of(*LOOKED_UP)
"""Find all memories in which such a preference may stand, and more."""


def is_personal(sentence: str) -> bool:
    """Return whether a sentence says how its author always wants to be answered or worked with.

    What stands in it between quotation marks is somebody else's.
    """
    plain = _HOURS.sub(r"\1 hour", simplified(_QUOTED.sub(" ", sentence)))
    plain = plain.replace("’", "'")  # noqa: RUF001 - typographic apostrophe
    if _CODE.search(plain):
        return False
    if addressed := _ADDRESSED.search(plain):
        rest = plain[: addressed.start()] + plain[addressed.end() :]
        return not _HAN.search(rest) or _names_nothing_in_chinese(rest)
    if _says_how_to_behave(sentence, plain):
        return True
    if _HAN.search(plain):
        return _is_personal_in_chinese(plain) or says_how_to_work_in_chinese(plain)
    lasting = manners.LASTING.sub(" always ", _POLITE.sub("", plain))
    if says_how_to_work(_words(lasting)):
        return True
    words = _words(_ELIDED.sub(" ", lasting.replace("it when", "always")).casefold())
    return _names_nothing(plain, words) and _is_wish(words) and _is_about_answers(words)


def chooses_language(sentence: str) -> bool:
    """Return whether a sentence says in which language its author wants to be answered."""
    found = _ANSWERS_IN.search(simplified(sentence))
    return found is not None and (found[2] is not None or found[1].casefold() in manners.LANGUAGES)


def _says_how_to_behave(sentence: str, plain: str) -> bool:
    """Return whether a sentence sets a rule for the assistant, with a term that is looked up."""
    looked_up: tuple[tuple[str, ...], ...]
    if _KANA.search(plain):
        looked_up, says = _ELSEWHERE, says_how_to_behave_in_japanese(sentence)
    elif _HAN.search(plain):
        looked_up, says = _IN_CHINESE, says_how_to_behave_in_chinese(plain)
    elif says_how_to_behave_elsewhere(plain):
        looked_up, says = _ELSEWHERE, True
    else:
        looked_up, says = _IN_ENGLISH, says_how_to_behave(plain, _WORD.findall(plain))
    if not says:
        return False
    terms = terms_in(sentence)
    return not any(terms.isdisjoint(group) for group in looked_up)


def _words(text: str) -> list[str]:
    """Return the words of a text without the polite ones that it begins with."""
    words = _WORD.findall(text.replace("small talk", "smalltalk"))
    return [*dropwhile(lambda word: word.casefold() in manners.POLITE, words)]


def _names_nothing(text: str, words: list[str]) -> bool:
    """Return whether it names neither a thing of a project nor a person, nor one answer of many."""
    if not _NOT_ALWAYS.isdisjoint(words):
        return False
    named = manners.OF_WORK.intersection(words)
    is_mine = "i" in words or not manners.MINE.isdisjoint(words)
    is_mine = is_mine and "want you to" not in text
    if named and (not is_mine or any(f"the {one}" in text for one in named)):
        return False
    spelled = _WORD.findall(_ELIDED.sub(" ", text))
    capitals = (word.casefold() for word in spelled[1:] if word[0].isupper())
    return all(word in _KNOWN for word in capitals)


def _is_wish(words: list[str]) -> bool:
    if not manners.WISHES.isdisjoint(words):
        return True
    is_order = bool(words) and words[0] in manners.ORDERS
    speaks = words[:1] == ["i"] and words[1:2] in (["speak"], ["read"])
    return (is_order or speaks or _names_language(words)) and manners.ASKED.isdisjoint(words)


def _is_about_answers(words: list[str]) -> bool:
    if _names_language(words) or not manners.MANNERS.isdisjoint(words):
        return True
    is_wide = not manners.WIDE_MANNERS.isdisjoint(words)
    return is_wide and not manners.ANSWERS.isdisjoint(words)


def _names_language(words: list[str]) -> bool:
    return any(
        before in manners.BEFORE_A_LANGUAGE and word in manners.LANGUAGES
        for before, word in pairwise(words)
    )


def _is_personal_in_chinese(text: str) -> bool:
    if not _names_nothing_in_chinese(text) or "你喜欢" in text:
        return False
    language = next((one for one in manners.CHINESE_LANGUAGES if one in text), "")
    is_told = any(f"{verb}{language}" in text for verb in "用说讲写") if language else False
    is_told = is_told or _any(text, manners.CHINESE_ANSWERS)
    is_wish = text.startswith(manners.CHINESE_ORDERS) or _any(text, manners.CHINESE_WISHES)
    wide = bool(language) or _any(text, manners.CHINESE_WIDE_MANNERS)
    return is_wish and (_any(text, manners.CHINESE_MANNERS) or (wide and is_told))


def _names_nothing_in_chinese(text: str) -> bool:
    named = (one.casefold() for one in _LATIN.findall(text))
    of_work = _any(text, manners.CHINESE_OF_WORK) and not _any(text, manners.CHINESE_MINE)
    of_a_project = _any(text, (*manners.CHINESE_OF_A_PROJECT, *manners.CHINESE_OF_ONE_ANSWER))
    return all(one in _KNOWN for one in named) and not of_work and not of_a_project


def _any(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)

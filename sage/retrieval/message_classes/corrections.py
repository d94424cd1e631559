"""Recognize what puts a statement right: "No, db9.", "I meant db9", 更正, "db9, not db7"."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from sage.retrieval.message_classes.acknowledgements import only_acknowledges
from sage.retrieval.message_classes.values import (
    ValueKind,
    may_replace_value,
    names_only_figures,
    value_kind_of,
)
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.stopwords import CHINESE_PARTICLES, NEGATIONS, QUESTION_WORDS
from sage.retrieval.text.words import grams_of, stem_of, terms_in, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHARS = 240
_MAX_CHARS_REPLACED = 300
"""A statement so long says one thing: what follows it and names nothing is about that."""
_MAX_WORDS = 4
_MAX_WIDE_CHARS = 8
_MAX_MARKERS = 4
_MAX_NEW = 2
_HALF = 2


class _How(IntEnum):
    """How a text begins that puts something right, the plainest last."""

    CONTRASTS = 0
    TAKES_BACK = 1
    DENIES = 2
    MEANS = 3


_MEANS = (
    r"i meant(?: to (?:say|write|type))?|i mean(?= \w)|i (?:should have|wanted to) (?:said|say)"
    r"|i (?:misspoke|mistyped|was (?:wrong|mistaken)|got (?:that|it) wrong|made a mistake|stand"
    r" corrected)|i (?:have|need|must|should) (?:to )?correct (?:myself|that)|let me correct"
    r" (?:myself|that)|make (?:that|it)"
    r"(?= (?!\w+er\b)\S+\W*$)"
    r"|(?:scratch|strike|scrap) that"
    r"|(?:oops|ups|whoops|my (?:mistake|bad))(?=[\s,.:;!—–-]+\S+\W*$)"
    r"|(?:correction|typo)(?=\s*[:,—–])"
    r"|ich mein(?:t)?e|gemeint war|ich wollte sagen|ich habe mich (?:geirrt|vertan|vertippt)"
    r"|ich muss mich (?:korrigieren|berichtigen)|kommando zurück"
    r"|(?:korrektur|tippfehler|berichtigung)(?=\s*[:,—–])"
    r"|je voulais dire|je me suis trompée?|je (?:me corrige|dois me corriger)"
    r"|(?:rectification|erratum)(?=\s*[:,—–])"
    r"|quise decir|quería decir|me refería a|me equivoqué|debo corregirme|me corrijo"
    r"|mejor dicho"
    r"|(?:corrección|rectifico|errata)(?=\s*[:,—–])"
    r"|volevo dire|intendevo|mi sono sbagliat[oa]|(?:correzione|rettifica)(?=\s*[:,—–])"
    r"|quis dizer|queria dizer|me enganei|correção(?=\s*[:,—–])"
    r"|я имела? в виду|я ошиб(?:ся|лась)|(?:поправка|исправление)(?=\s*[:,—–])|\*(?=\w)"
    r"|(?:我(?:得|要|需要|必须)?)?(?:更正|订正|纠正|修正)(?:一下|自己)?(?=[:：,，])"
    r"|我?刚?才?(?:说|写|打|记|弄|搞)错了?(?=[,，。:：])"
    r"|口误|笔误|我(?:是说|的意思是|是指|指的是|想说的是)|訂正(?=[:：、])|言い間違え\w*|書き間違え\w*"
    r"|間違えました|正しくは|정정(?=\s*[:,])|잘못 말했\w*"
)
_DENIES = (
    r"(?:no|nope|nah|wrong|incorrect|nein|nee|falsch|quatsch|non|faux|sbagliato|não|errado|нет"
    r"|неверно|неправильно|не так|incorrecto)"
    r"(?=\s*[,.:;!—–-]|\s+\S*\d|\s+(?:wait|sorry|actually|i mean)\b)"
    r"|that(?:'s| is) (?:wrong|incorrect|not (?:right|correct|true))|not quite|das stimmt nicht"
    r"|c'est faux|no es así|(?:不对|不是的?|错了|不)(?=[,，。!！])"
    r"|違います|いいえ(?=[、,。])|いや(?=[、,])"
    r"|아니(?:요|에요|야)?(?=[,. ])"
)
_TAKES_BACK = (
    r"(?:oh|ah|hm+|oops|ups|whoops|sorry|my (?:mistake|bad)|wait|hold on|actually|or rather|rather"
    r"|should be"
    r"|entschuldigung|verzeihung|pardon|moment|eigentlich|vielmehr|besser gesagt|désolée?|oups"
    r"|excuse[sz]?(?:-moi)?|en fait|plutôt|enfin|perdón|perdona|lo siento|disculpa|en realidad"
    r"|más bien|scusa|anzi|in realtà|desculpe?|aliás|na verdade|извини(?:те)?|простите|вернее"
    r"|точнее)\b"
    r"|不好意思|抱歉|对不起|等等|准确地?说|其实|应该是|应为|すみません|ごめん(?:なさい)?|失礼(?:しました)?"
    r"|실은|죄송(?:해요|합니다)|미안(?:해요)?"
)
_MARKER = re.compile(
    rf"[\s,.:;!—–\-，。：；！、]*(?:(?P<means>{_MEANS})|(?P<denies>{_DENIES})"
    rf"|(?P<takes_back>{_TAKES_BACK}))",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"[\s,.:;!—–\-，。：；！、]*(?:(?:(?:it|that|he|she|this)(?:'s| is| was| has to be| has"
    r"| should be)(?: called| named)?|its|should be|(?:es|das|er|sie) (?:ist|war|heißt|hat)|c'est"
    r"|c'était|il est|(?:il|elle|ça) s'appelle|se llama|si chiama|es|era|è|é|это"
    r"|(?:runs |is |are )?(?:on|in|at|by)|am|auf|im|um|sur|à|en|el|la|der|die|the)\s+)*"
    r"(?:应该是|应为|是在|是|叫|在|改成|改为)?",
    re.IGNORECASE,
)
_OLD = (
    r"(?P<old>(?:(?:on|in|at|the|a|auf|im|in|am|der|die|das|le|la|el|en|sur)\s+)*"
    r"[^\s,.;:!?，。；：！]+(?:[.:_/-][^\s,.;:!?]+)*)"
)
_NOT = re.compile(
    r"(?:[,;:—–，、]\s*(?:and |und |et |y |e |а |而)?|^|\b(?:and|und|et|y|e) )"
    rf"(?:(?:not|nicht|pas|no|non(?: pas)?|não|не)\b|不是|非)\s*{_OLD}"
    rf"|(?<=\w) (?:not|nicht|pas) {_OLD.replace('old', 'last')}(?=\W*$)"
    r"|\b(?:instead of|rather than|(?:an)?statt|au lieu de|en (?:lugar|vez) de|invece di|em vez de"
    rf"|вместо)\s+{_OLD.replace('old', 'older')}"
    r"|(?P<oldest>[\w.:/-]+?)(?:では|じゃ)なく[て、]*|(?P<oldest_ko>[\w.:/-]+?)[이가] 아니라",
    re.IGNORECASE,
)
_BUT = re.compile(r"^[\s,，、]*(?:(?:but|sondern|mais|sino|ma|mas|а)\b|而是|而)\s*", re.IGNORECASE)
_MAY_CONTRAST = re.compile(
    r"[,;，、]\s*(?:and |und |et |y |e |а |而)?(?:(?:not|nicht|pas|no|non|não|не)\b|不是|非)"
    r"|\b(?:instead of|rather than|statt|anstatt|au lieu de|en lugar de|en vez de|invece di)\b"
    r"|(?:では|じゃ)なく|[이가] 아니라"
    r"|^(?:not|nicht|pas|não|не|不是).{1,60}(?:[,，]|\bbut\b|\bsondern\b)",
    re.IGNORECASE,
)
_NOTS = (
    *("not ", "nicht ", "pas ", "no ", "non ", "não ", "не ", "不是", "非", "instead of"),
    *("rather than", "statt ", "au lieu de", "en lugar de", "en vez de", "invece di"),
    *("em vez de", "вместо", "なく", "아니라"),
)
_DENIES_THAT = re.compile(
    r"\W*(?:that(?:'s| is) (?:wrong|incorrect|not (?:right|correct|true))|das (?:stimmt nicht"
    r"|ist falsch)|c'est faux)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\b(?:called|named|heißt|appelle|llama|chiama)\b|叫", re.IGNORECASE)
_PLACES = re.compile(
    r"\b(?:on|in|at|by|the|a|an|der|die|das|auf|im|am|um|sur|à|en|el|la|le)\b", re.IGNORECASE
)
_SENDS_AWAY = re.compile(
    r"[?？]\s*$|\b(?:again|try|check|look)\b|noch ?mal|réessaie|otra vez|再|重新|[吗呢]\W*$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[A-Za-z0-9À-ɏЀ-ӿ]+(?:[-_.:/@][A-Za-z0-9À-ɏЀ-ӿ]+)*")
_DIGITS = re.compile(r"\d+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3]")
_SAYS_MORE = re.compile(r"[了我你您先请要就都还不没再别谢用]|結構|大丈夫|ません|.[在是]")
"""What stands in a short Chinese sentence that does not only name a thing."""
_SAYS_OF_IT = re.compile(
    r"\s(?:is|are|was|were|has|have|ist|sind|war|hat|est|sont|es|son|è)\s", re.IGNORECASE
)
_NO_THING = frozenset(
    """
    thanks thank wait stop not nothing never none need problem worries please don't dont do does did
    let lets let's just i you we it that this they he she there here leave forget keep go still yet
    later sorry because only all more now first maybe perhaps way idea clue rush hurry question to
    questions really seriously but and so then use try fine ok okay good done working enough
    true right wrong broken failing failed missing late slow lunch coffee typo
    nevermind never mind sure yes too also if when what why how who where which
    danke warte stopp halt nicht nichts nie bitte lass ich du wir sie es das noch später schon gut
    fertig aber und dann kein keine passt egal doch weiter erst moment mal
    merci attends non pas rien jamais je tu nous vous il elle ça ce c'est laisse encore plus plutôt
    mais et donc fini bon ça va oublie tout
    gracias espera nada nunca yo tú nosotros eso esto déjalo todavía más pero y entonces ya bien
    listo olvídalo
    grazie aspetta niente obrigado obrigada espera спасибо подожди ничего не я ты мы это потом
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


class ParsedCorrection(NamedTuple):
    """What a text says in place of something, and what it says is wrong, as far as it does.

    `new` is the first sentence of it, without its marker and without the old. A bare one names the
    right `thing` and says nothing else.
    """

    how: _How
    new: str
    olds: frozenset[str]
    thing: str

    @property
    def is_bare(self) -> bool:
        """Whether it names the right thing and says nothing of it."""
        return bool(self.thing)

    @property
    def is_bare_figure(self) -> bool:
        """Whether it names a figure, and nothing of what that counts."""
        return self.is_bare and value_kind_of(self.thing) is ValueKind.FIGURE

    @property
    def is_explicit(self) -> bool:
        """Whether it says so even where it may be the answer to something else."""
        return self.how is _How.MEANS

    @property
    def is_denial(self) -> bool:
        """Whether it says that the other side is wrong."""
        return self.how is _How.DENIES

    def replaced_in(self, statement: str) -> frozenset[str]:
        """Return the words of a statement that are replaced, as far as it is known which."""
        there, said = _tokens(statement), _tokens(self.new)
        if named := self.olds & (there | terms_in(statement)):
            return named if self._is_about(statement) else frozenset()
        if self.how is _How.CONTRASTS:
            return frozenset()
        if self.is_bare and not _counts_alike(self.thing, statement):
            return frozenset()
        shapes = {_shape(one) for one in said - there if _DIGITS.search(one)}
        alike = {one for one in there - said if _DIGITS.search(one) and _shape(one) in shapes}
        if self.is_bare or _content(self.new) & _content(statement):
            return frozenset(alike if self.is_bare else filter(_names, alike))
        return frozenset()

    def says_the_same_but_one(self, statement: str) -> bool:
        """Return whether it repeats a sentence of a statement with something else in one place."""
        if self.how is _How.CONTRASTS or self.is_bare:
            return False
        said, subject = _content(self.new), _first_content(self.new)
        for sentence in sentences_in(statement[:_MAX_CHARS_REPLACED]):
            there = _content(sentence)
            shared = len(said & there)
            if subject in there and shared < min(len(said), len(there)):
                is_half = _HALF * shared >= max(len(said), len(there))
                if is_half and len(said) - shared <= _MAX_NEW:
                    return True
        return False

    def may_follow(self, statement: str) -> bool:
        """Return whether it may put right the statement before it, of which it names nothing."""
        if self.how not in {_How.DENIES, _How.MEANS} or not self.is_bare or not self.new:
            return False
        has_figure = _DIGITS.search(self.new) is not None
        return len(statement) <= _MAX_CHARS_REPLACED and (
            not has_figure or _DIGITS.search(statement) is not None
        )

    def fits(self, statement: str, asked: str = "") -> bool:
        """Return whether it may put right a statement though others stand between.

        That is one which names a thing of the same kind, apart from the question it answers. Who
        only denies something denies what was said last, unless he says so of a day, a figure
        ("it has 8"), or a name that looks like one.
        """
        kind = value_kind_of(self.thing) if self.thing else None
        if kind is None or len(statement) > _MAX_CHARS_REPLACED:
            return False
        pointer = self.new.removesuffix(self.thing).lower()
        if kind is not ValueKind.DAY and (len(self.thing.split()) > 1 or _PLACES.search(pointer)):
            return False
        is_said = self.how is _How.MEANS or _CALLED.search(self.new) is not None
        is_clear = kind is ValueKind.DAY or _is_copula(pointer) or kind.is_name
        return (is_said or (self.how is _How.DENIES and is_clear)) and may_replace_value(
            self.thing, statement, asked
        )

    def is_of_another_kind(self, answer: str, asked: str) -> bool:
        """Return whether it names somebody or something where an answer names a figure."""
        return (
            bool(self.thing)
            and value_kind_of(self.thing).is_name
            and names_only_figures(answer, asked)
        )

    def _is_about(self, statement: str) -> bool:
        """Return whether it says what a statement says, apart from what it replaces."""
        if self.how is not _How.CONTRASTS or self.is_bare:
            return True
        said = _content(self.new)
        shared = said & _content(statement)
        return _HALF * len(shared) >= len(said) and len(said - shared) <= _MAX_NEW


def correction_in(text: str) -> ParsedCorrection | None:
    """Return what a text puts right by its words, whatever was said before; None where nothing."""
    if len(text) > _MAX_CHARS:
        return None
    marker = _MARKER.match(text)
    if marker is None and not _may_contrast(text):
        return None
    how, at = _How.CONTRASTS, 0
    for _ in range(_MAX_MARKERS):
        if marker is None:
            break
        how = max(how, _how_of(marker))
        at = marker.end()
        marker = _MARKER.match(text, at)
    rest = text[at:].strip(" \t\n,.:;!—–-，。：；！、*")
    if not rest or _SENDS_AWAY.search(rest) or only_acknowledges(rest):
        return None
    olds = frozenset(_olds_in(rest))
    if how is _How.CONTRASTS and not olds:
        return None
    new = next(sentences_in(_NOT.sub(" ", rest)), "")
    new = _BUT.sub("", new).strip(" ,.:;!—–-，。：；！、")
    is_plain = how is _How.MEANS or _DENIES_THAT.match(text) is not None
    return ParsedCorrection(how, new, olds, _thing_in(new, is_plain=is_plain))


def _may_contrast(text: str) -> bool:
    """Return whether a text may say what is and what is not; few have its words."""
    folded = text.lower()
    return any(word in folded for word in _NOTS) and _MAY_CONTRAST.search(folded) is not None


def may_correct(text: str) -> bool:
    """Return whether a text puts something right by its words."""
    return correction_in(text) is not None


def only_names(text: str) -> bool:
    """Return whether a correction says the right thing, and not what of."""
    found = correction_in(text)
    return found is not None and found.is_bare


def _how_of(marker: re.Match[str]) -> _How:
    if marker["means"]:
        return _How.MEANS
    return _How.DENIES if marker["denies"] else _How.TAKES_BACK


def _olds_in(text: str) -> Iterator[str]:
    for found in _NOT.finditer(text):
        for old in filter(None, found.groupdict().values()):
            yield from _content(old)
            yield from _tokens(old) - QUESTION_WORDS - NEGATIONS


def _thing_in(new: str, *, is_plain: bool) -> str:
    """Return the thing that a text names if it says nothing of it, otherwise nothing.

    Where it is plain that it puts something right, "it is elm" names a thing; "it's fine" does not.
    """
    points = _POINTS.match(new)
    pointer = points.group() if points else ""
    thing = new[len(pointer) :]
    if not thing or _WIDE.search(thing):
        is_short = len(_WIDE.findall(thing)) <= _MAX_WIDE_CHARS
        return (thing or new) if is_short and not _SAYS_MORE.search(thing) else ""
    words = thing.split()
    if len(words) > _MAX_WORDS or words[0].lower().strip(".,!") in _NO_THING:
        return ""
    if _SAYS_OF_IT.search(thing) or len(_content(thing)) > _MAX_NEW:
        return ""
    if any(_DIGITS.search(one) or one[:1].isupper() or "_" in one for one in words):
        return thing
    is_named = _CALLED.search(pointer) is not None or (is_plain and len(words) == 1)
    is_thing = len(words) < _MAX_WORDS and (is_named or not _is_copula(pointer))
    return thing if is_thing else ""


def _is_copula(pointer: str) -> bool:
    """Return whether a pronoun with its verb stands before a thing: "it's fine" names none."""
    return (
        pointer.strip().lower().endswith(("'s", " is", " was", " has", "ist", "war", "hat", "its"))
    )


def _content(text: str) -> frozenset[str]:
    """Return the terms of a text that say what it is about."""
    return frozenset(terms_in(text) - _EMPTY)


def _first_content(text: str) -> str:
    """Return the first term of a text that says what it is about, empty where none does."""
    terms = (grams_of(word.term) if word.run else ((0, word.term),) for word in words_of(text))
    return next((term for found in terms for _, term in found if term not in _EMPTY), "")


def _tokens(text: str) -> frozenset[str]:
    return frozenset(one.lower() for one in _TOKEN.findall(text))


def _counts_alike(thing: str, statement: str) -> bool:
    """Return whether a figure counts what one in a statement does; any name may replace another."""
    return value_kind_of(thing) is not ValueKind.FIGURE or may_replace_value(thing, statement)


def _shape(token: str) -> str:
    return _DIGITS.sub("0", token)


def _names(token: str) -> bool:
    return any(char.isalpha() for char in token)


_EMPTY = (
    frozenset(map(stem_of, QUESTION_WORDS | NEGATIONS))
    | QUESTION_WORDS
    | NEGATIONS
    | CHINESE_PARTICLES
)

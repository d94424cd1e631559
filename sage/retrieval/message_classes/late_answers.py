"""Recognize whether a statement after an unanswered question is on the subject of that question.

"It's 9187." and "The exporter listens on 9187." answer which port the exporter has; "The gateway
listens on 9443." is about something else. Known for Chinese, English, French, German and Spanish.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Self

from sage.retrieval.query.answer_types import AnswerType, expected_answer_type, may_answer
from sage.retrieval.query.entity_types import PERSON_NOUNS, TYPE_NOUNS
from sage.retrieval.text.scripts import has_kana_or_hangul, is_unspaced
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.stopwords import ENGLISH_STOPWORDS, QUESTION_WORDS, UNSPACED_QUESTION_WORDS
from sage.retrieval.text.words import stem_of, terms_in, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_POINTS = re.compile(
    r"\s*(?:(?:it|that|he|she|they|this)(?:'s| is| was|'re| are| would be| should be)"
    r"|(?:es|das|er|sie) (?:ist|war|sind|heißt)"
    r"|c'est|c'était|(?:es|era|son|fue) |è |é |это |是|叫|在|です)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:[\s,.:;!–—，：-]*(?:(?:by the way|btw|fyi|ok(?:ay)?|so|oh|ah|hm+|well|actually|sorry|no"
    r"|yes|yep|yeah|right|just|for the record|turns out(?: that)?|got it|never ?mind|here it is"
    r"|the answer is|\w+ (?:says|said|told me|thinks)(?: that)?"
    r"|(?:i(?:'ve| have)? )?(?:just )?found (?:it|out)(?: that)?"
    r"|i (?:just )?(?:checked|looked it up|think|believe|guess|remember|know)(?: (?:that|now))?"
    r"|übrigens|ach(?: ja)?|also|nein|ja|gefunden|nachgesehen|ich habe? (?:es|nachgesehen)(?:"
    r" gefunden)?"
    r"|au fait|d'ailleurs|non|oui|trouvé|j'ai trouvé|por cierto|sí|lo encontré|ya lo (?:tengo|sé))"
    r"\b|对了|顺便(?:说(?:一下|一句)?|一提)?|补充一下|[哦啊嗯]|我?(?:刚才?|刚刚)?(?:查|找|问)(?:到|清楚|过"
    r"|一下)?了|不对|不(?:是)?(?=[，,])|其实|原来|应该|想起来了|我?记得|知道了))+",
    re.IGNORECASE,
)
"""Introductions of a statement that do not name its subject."""


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BASES = """
    answer approve belong call connect cost deploy expire expose go handle happen have keep lie
    listen live maintain manage move need own read run send serve sit take talk use work write
"""
_VERBS = frozenset(
    form for base in _BASES.split() for form in (f"{base}s", f"{base}ed", f"{base}d", f"{base}es")
) | _set_of(
    """
    is are was were am be been has have had use run listen need keep belong own live approve
    maintain handle expire goes went does did do can may must should will would moved uses hosts
    stores starts ends owns reviews got gets sits ran kept took written
    ist sind war waren wird werden hat haben lauft laufen nutzt benutzt verwendet heisst hort
    lauscht liegt steht gehort bleibt kostet betragt dauert genehmigt verwaltet
    est sont etait etaient utilise tourne ecoute appelle sappelle appartient expire dure doit peut
    approuve gere coute
    es son esta estan era usa utiliza corre escucha tiene llama pertenece dura debe puede vence
    aprueba gestiona cuesta
    """
)
_POINTERS = _set_of(
    """
    it its that thats he she they this there one er sie es das dies dieser il elle ils elles ce cest
    ca cela el ella ello eso esto them him her ihn ihm ihnen le la les lo los las
    """
)
_SELVES = _set_of("i im ive we weve our my ich wir man unser je nous notre nos yo nosotros")
_EMPTY = (
    QUESTION_WORDS - _set_of("search find look check help show question questions")
) | _set_of(
    "correct actual real default new current now since today via really still thing something"
)
_WHO = re.compile(r"\b(?:who|whom|wer|wem|qui|quién|quien)\b\W+(\w+)|谁|哪位", re.IGNORECASE)
_BEGINS_VALUE = re.compile(r"[:=→](?=\s)|\s[–—-]\s")

_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_PREDICATE = re.compile(
    r"是|[：:]|监听|运行|使用|负责|部署|属于|设[为成在]|改[为成到]|放[在到]|位于|等于|换[为成]|管理|审批|批准"
    r"|叫|由|归|在(?!线)|用(?![户例途量])|为(?!了)"
)
_HAN_KIND = re.compile(
    r"端口号?|超时时?间?|时间|地址|名字|名称|版本号?|密码|路径|目录|域名|主机名?|机器|节点|负责人|联系人|上限|限制"
    r"|大小|数量|编号|价格|费用|位置|日期|账号|区域|值|人|服务器?|模块|系统"
)
_HAN_PERSON = re.compile(r"负责人|联系人|主管|人")
_HAN_POINTS = re.compile(
    r"[它他她其这那该](?:个|些|边|里|们)?|答案|结果|正确|实际|现在|目前|最后|已经|就"
    r"|都|也|应该|[不没]"
)
_CLAUSE_ENDS = re.compile(r"[,，、;；]")
_MAX_CHARS_OF_A_NAME = 4
_MAX_CHARS_OF_A_VALUE = 8
_FIRST_WIDE = "\u2e80"
_FEW_WORDS = 4
_FEW_WIDE_CHARS = 6


def answers_late(text: str, question: str) -> bool:
    """Return whether a statement may answer a question that is still unanswered.

    It may if it is on the subject of the question, or names no other subject.
    """
    said = [rest for one in sentences_in(text) if (rest := _without_lead(one))]
    if said and (_POINTS.match(text) or _POINTS.match(said[0])):
        return True
    if not (_LEAD.match(text) or _has_few_words(text) or shares_content(text, question)):
        return False
    if not said or has_kana_or_hangul(text):
        return bool(said)
    is_about = _is_han_about if is_unspaced(text) else _is_about
    return is_about(said[0], question) or any(
        _covers(one, question) and may_answer(one, question) for one in said
    )


def shares_content(text: str, other: str) -> bool:
    """Return whether two texts share a word that carries a topic."""
    return bool((terms_in(text) & terms_in(other)) - ENGLISH_STOPWORDS)


def _without_lead(sentence: str) -> str:
    lead = _LEAD.match(sentence)
    return sentence[lead.end() if lead else 0 :].strip(" ,.:;!–—-，。：；！、*")


def _has_few_words(text: str) -> bool:
    """Return whether a text is short enough for a bare answer; a sentence has its own subject."""
    wide = sum(char >= _FIRST_WIDE for char in text if char.isalnum())
    return len(text.split()) <= _FEW_WORDS and wide <= _FEW_WIDE_CHARS


def _covers(text: str, question: str) -> bool:
    """Return whether a text names everything that a question is about, and that is something."""
    about = {
        word.term
        for word in words_of(question)
        if not word.run
        and word.spelling not in _EMPTY | _VERBS
        and word.term not in TYPE_NOUNS
        and word.spelling not in _verb_in(question)
    }
    runs = [one for one in _han_about(question) if _HAN.search(one)]
    pairs = {run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))}
    there = simplified(text)
    return bool(about or pairs) and about <= terms_in(text) and all(one in there for one in pairs)


def _han_about(question: str) -> list[str]:
    """Return the stretches of Chinese in a question that name its subject."""
    text = UNSPACED_QUESTION_WORDS.sub(" ", simplified(question))
    text = _HAN_PREDICATE.sub(" ", _HAN_KIND.sub(" ", text))
    return re.findall(r"[\u3400-\u9fff]+", text)


def _verb_in(question: str) -> frozenset[str]:
    """Return the verb after a "who" in a question: it says what the person does."""
    found = _WHO.search(question)
    return _set_of((found[1] or "").lower()) if found else frozenset()


class _Parts(NamedTuple):
    """The words of a sentence before its verb, and those after it."""

    before: Sequence[str]
    behind: Sequence[str]
    has_verb: bool


class _QuestionTerms(NamedTuple):
    """The words of a question that are compared with a statement."""

    terms: frozenset[str]
    kinds: frozenset[str]
    is_of_self: bool

    @classmethod
    def by(cls, question: str) -> Self:
        """Return the terms of a question, and nouns for kinds of things that it does not name."""
        terms = terms_in(question)
        kinds = frozenset() if terms & TYPE_NOUNS else TYPE_NOUNS
        if _WHO.search(question):
            kinds = PERSON_NOUNS
        spellings = {word.spelling for word in words_of(question)}
        return cls(terms, kinds, bool(spellings & _SELVES))

    def others_in(self, words: Iterable[str]) -> list[str]:
        """Return the words that are not values, not named by the question, and not stop words."""
        return [
            one
            for one in words
            if one not in _EMPTY | _VERBS | _POINTERS | _SELVES
            and not any(map(str.isdigit, one))
            and stem_of(one) not in self.terms | self.kinds
        ]

    def named_in(self, words: Iterable[str]) -> bool:
        """Return whether any of the words is in the question, or names a kind of thing."""
        terms = {stem_of(one) for one in words if one not in _EMPTY}
        return bool(terms & self.terms) or not terms.isdisjoint(TYPE_NOUNS)

    def values_in(self, words: Iterable[str]) -> bool:
        """Return whether any of the words is a number that is not in the question."""
        return any(any(map(str.isdigit, one)) and one not in self.terms for one in words)


def _is_about(sentence: str, question: str) -> bool:
    """Return whether a sentence is on the subject of a question, or names no other."""
    asked = _QuestionTerms.by(question)
    parts = _parts_of(sentence, question, asked)
    others = asked.others_in(parts.before)
    if not parts.has_verb:
        first = _spellings(_CLAUSE_ENDS.split(sentence)[0])
        names = asked.named_in(first) and not asked.others_in(first)
        return not others or names or _has_few_words(sentence)
    is_value = asked.values_in(parts.before)
    if not parts.before and asked.others_in(parts.behind):
        return False
    is_of_self = not asked.is_of_self and bool(_SELVES & set(parts.before))
    if not others and not is_value and not is_of_self:
        return _points_only(parts.before) or may_answer(sentence, question)
    if asked.others_in(parts.behind):
        return False
    if is_value or is_of_self or _WHO.search(question):
        return True
    return asked.named_in(parts.behind) and not asked.values_in(parts.behind)


def _points_only(words: Iterable[str]) -> bool:
    return all(one in _POINTERS | _SELVES | _EMPTY for one in words)


def _parts_of(sentence: str, question: str, asked: _QuestionTerms) -> _Parts:
    """Return a sentence split at its verb, or at the colon after its subject."""
    cut = _BEGINS_VALUE.search(sentence)
    if cut is not None:
        before, behind = sentence[: cut.start()], sentence[cut.end() :]
        return _Parts(_spellings(before), _spellings(behind), has_verb=True)
    words = _spellings(sentence)
    verbs = _VERBS | _verb_in(question)
    at = next((place for place, one in enumerate(words) if one in verbs), None)
    if at is None:
        at = next(
            (
                place
                for place in range(1, len(words))
                if words[place].endswith(("s", "ed"))
                and asked.others_in(words[place : place + 1])
                and stem_of(words[place - 1]) in asked.terms
            ),
            None,
        )
    if at is None:
        return _Parts(words, (), has_verb=False)
    return _Parts(words[:at], words[at + 1 :], has_verb=True)


def _spellings(text: str) -> list[str]:
    return [word.spelling for word in words_of(text)]


def _is_han_about(sentence: str, question: str) -> bool:
    """Return whether a Chinese sentence is on the subject of a question, or names no other."""
    sentence, question = simplified(sentence), simplified(question)
    first, *rest = _CLAUSE_ENDS.split(sentence)
    if rest and _is_han_answer(first, question):
        return True
    cut = re.search("是", sentence) or _HAN_PREDICATE.search(sentence)
    if cut is None:
        shared = [at + 2 for at in range(len(sentence) - 1) if sentence[at : at + 2] in question]
        ends_at = shared[-1] if shared else len(sentence)
        if ends_at == len(sentence) and _has_few_words(sentence):
            return True
        before, behind = sentence[:ends_at], ""
    else:
        before, behind = sentence[: cut.start()], sentence[cut.end() :]
    others = _han_others(before, question)
    if not others:
        return not before or _covers(before, question) or may_answer(sentence, question)
    is_value = _WHO.search(question) is not None and len(others) <= _MAX_CHARS_OF_A_NAME
    return cut is not None and is_value and not _han_others(behind, question)


def _is_han_answer(clause: str, question: str) -> bool:
    """Return whether a clause before others is the bare answer, which the others explain."""
    if _HAN_PREDICATE.search(clause) or not (wide := len(_HAN.findall(clause))):
        return False
    if not _han_others(clause, question):
        return True
    kind = expected_answer_type(question)
    if wide > (_MAX_CHARS_OF_A_NAME if kind is AnswerType.PERSON else _MAX_CHARS_OF_A_VALUE):
        return False
    is_known = kind in {AnswerType.PERSON, AnswerType.FIGURE, AnswerType.TIME}
    return clause[-2:] in question or (is_known and may_answer(clause, question))


def _han_others(text: str, question: str) -> str:
    """Return the parts of a text with Chinese that name something other than a question does."""
    text = _HAN_POINTS.sub(" ", UNSPACED_QUESTION_WORDS.sub(" ", text))
    if _WHO.search(question):
        text = _HAN_PERSON.sub(" ", text)
    elif not _HAN_KIND.search(question):
        text = _HAN_KIND.sub(" ", text)
    text = _HAN_PREDICATE.sub(" ", text)
    others = [one for one in _HAN.findall(text) if one not in question]
    terms = terms_in(question)
    latin = [
        word.spelling
        for word in words_of(text)
        if not word.run
        and word.term not in terms
        and word.spelling not in _EMPTY
        and word.spelling.isalpha()
    ]
    return "".join((*others, *latin))

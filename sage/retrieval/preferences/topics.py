"""The topics of preferences about answers, so that a newer one replaces an older one."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

from sage.retrieval.preferences.personal import is_personal
from sage.retrieval.text.simplified_chinese import simplified

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet


class PreferenceTopic(IntEnum):
    """The topic of a preference; topics that matter everywhere and longest come first."""

    LANGUAGE = 0
    LENGTH = 1
    ADDRESS = 2
    FORM = 3
    COMMENTS = 4
    """The language of comments, documentation and commit messages."""
    WORK = 5


EXCLUSIVE_TOPICS = frozenset(
    {
        PreferenceTopic.LANGUAGE,
        PreferenceTopic.LENGTH,
        PreferenceTopic.ADDRESS,
        PreferenceTopic.COMMENTS,
    }
)
"""Of these topics, only the newest preference is valid."""

_CLAUSE = re.compile(
    r"(?:[,;，；、]+\s*|\s+)(?:and|but|und|aber|et|mais|y|pero)\s+|[,;，；、]+\s*|(?:而且|并且)"  # noqa: RUF001 - CJK marks
)
_LANGUAGE = re.compile(
    r"(?<!\bmy )(?<!\bplain )(?<!\bmein )\b(?:english|german|french|spanish|chinese|mandarin"
    r"|cantonese|japanese|korean|italian|portuguese|russian|dutch|polish|turkish|arabic|hindi"
    r"|englisch|deutsch|französisch|spanisch|chinesisch|japanisch|italienisch|anglais|allemand"
    r"|français|espagnol|chinois|japonais|italien|inglés|alemán|francés|español|castellano|gallego"
    r"|chino|japonés|italiano)\b(?! is)"
    r"|(?:中文|汉语|普通话|粤语|英文|英语|日语|日文|德语|德文|法语|法文|西班牙语|韩语|俄语)"
    r"(?!缩写|名|单词|术语|资料)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:comments?|docs|documentation|docstrings?|readme|commits?|code|identifiers?"
    r"|variables?|functions?|diffs?|names?"
    r"|branch(?:es)?|kommentare?|commentaires?|comentarios?|código)\b"
    r"|注释|文档|代码|提交|变量|函数|コメント|コード",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"\b(?:brief(?:ly)?|brevity|concise(?:ly)?|terse(?:ly)?|succinct(?:ly)?|short(?:er)?|long(?:er)?"
    r"|lengthy|verbose|wordy|detail(?:s|ed)?|in depth|thorough(?:ly)?|sentences|paragraphs?"
    r"|(?:few|fewer|\d+|two|three|five|ten) (?:words|lines)|kurz\w*|knapp\w*|ausführlich\w*"
    r"|lange[nr]?|detailliert\w*|sätze|court\w*|bref|brève\w*|concis\w*|détaill\w+|phrases|cort[oa]s?|breves?"
    r"|concis[oa]s?|detallad\w+|frases)\b"
    r"|简短|简洁|简明|简练|精简|详细|详尽|长篇|长话|啰嗦|话少|短一点|短一些|句话|字以内|少说|短め|簡潔|詳しく",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:call me|address me|nenn(?:t|en sie)? mich|appelle[- ]moi|appelez[- ]moi|llám[ae]me|duzen"
    r"|siezen|tutoie\w*|tutoyez|vouvoie\w*|vouvoyez|tutéame)\b|叫我|称呼",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"\b(?:push|commit\w*|merge|branch\w*|tests?|run|ask(?:ed)?|before|deploy|files?|install|delete|edit"
    r"|touch|refactor\w*|plans?|approv\w+|confirm|check|verify|diffs?|librar\w+|tabs|git|frag\w*"
    r"|bevor|avant|antes|planes?)\b|推送|提交|测试|先问|问我|确认|改|计划|文件|分支|装",
    re.IGNORECASE,
)


def topics_of(sentence: str) -> frozenset[PreferenceTopic]:
    """Return the topics of a preference; without a named one, ways to work or form."""
    if kinds := frozenset().union(*map(_named, _CLAUSE.split(sentence))):
        return kinds
    is_work = _WORK.search(simplified(sentence)) is not None
    return frozenset({PreferenceTopic.WORK if is_work else PreferenceTopic.FORM})


def still_holding(sentence: str, newer: AbstractSet[PreferenceTopic]) -> str:
    """Return the part of a preference that newer ones leave valid, by topic; empty if none."""
    if topics_of(sentence).isdisjoint(newer & EXCLUSIVE_TOPICS):
        return sentence
    clauses = [clause for clause in _CLAUSE.split(sentence) if newer.isdisjoint(_named(clause))]
    rest = ", ".join(clauses)
    return rest if any(map(_named, clauses)) or (rest and is_personal(rest)) else ""


def select_lasting(preferences: Iterable[str], most: int) -> list[str]:
    """Return the most important preferences; `preferences` are given newest first.

    The newest of each topic come before the others.
    """
    firsts: dict[str, PreferenceTopic] = {}
    others: list[str] = []
    seen: set[PreferenceTopic] = set()
    for one in preferences:
        if new := topics_of(one) - seen:
            firsts[one] = min(new)
            seen |= new
        else:
            others.append(one)
    return [*sorted(firsts, key=firsts.__getitem__), *others][:most]


def _named(clause: str) -> set[PreferenceTopic]:
    plain = simplified(clause)
    is_of_code = _CODE.search(plain) is not None
    found: set[PreferenceTopic] = set()
    if _LANGUAGE.search(plain):
        found.add(PreferenceTopic.COMMENTS if is_of_code else PreferenceTopic.LANGUAGE)
    if _LENGTH.search(plain) and not is_of_code:
        found.add(PreferenceTopic.LENGTH)
    if _ADDRESS.search(plain):
        found.add(PreferenceTopic.ADDRESS)
    return found

"""Recognize the decisions of people by their wording."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.retrieval.preferences.implicit_decisions import (
    IMPLICIT_DECISION_TERMS,
    decides_implicitly,
)
from sage.retrieval.preferences.personal import is_personal
from sage.retrieval.text.sentences import sentences_in
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.stopwords import CHINESE_PARTICLES, CHINESE_STOPWORDS, ENGLISH_STOPWORDS
from sage.retrieval.text.words import stem_of, terms_in

_MAX_CHARS = 240
"""A decision is short; a longer sentence tells a story."""

_CHOSE = r"(?:decided|agreed|settled|chose|opted|committed)"
_CHOOSE = (
    r"(?:go with|use|stick (?:with|to)|switch (?:back )?to|move to|keep|drop|adopt|stay with"
    r"|standardi[sz]e on)"
)
_DECIDED = re.compile(
    rf"\b(?:we|i)(?:['’]ve| have)?(?: \w+ly| now| all| both| just)? {_CHOSE}\b"
    rf"|\b(?:was|is|were|been) (?:{_CHOSE}|rejected)\b|\bdecid(?:ed|ing) (?:to|on|for|against)\b"
    r"|^\W*(?:decision|decided)\b|\b(?:the|our|final) decision (?:is|was)\b"
    r"|\b(?:wir|ich) (?:haben|habe)\b.* (?:entschieden|beschlossen|geeinigt)\b|\bbeschlossen\b"
    r"|\b(?:nous avons|on a|j['’]ai) (?:décidé|choisi|convenu)\b|\bdécision ?:"
    r"|\b(?:hemos|he) (?:decidido|acordado|elegido)\b|\b(?:decidimos|acordamos)\b|\bdecisión ?:"
    r"|决定(?!了?吗|不了)|敲定|商定|选定|定下来|一致同意",
    re.IGNORECASE,
)
_VERBS = "用选走上存按定"
_NO_CHOICE = (
    "(?![的户于来到完例法途量过了掉期位时不通传线班面次去下钮哪什谁吗心廊有在得着力意单款储品车路进"
    "出开走回空项中]|一下)"
)
"""Continuations of one of the verbs that form another word, such as 用户 or 上线, or no choice."""
_CHINESE_CHOSEN = (
    rf"(?<![使试采])([{_VERBS}]){_NO_CHOICE}[^，,、；;。：:]{{1,24}}[，,、；;]\s*"
    r"(?:而?不(?:要|再)?|别)(?:\1|(?<=要)|[用搞])"
    r"(?![了管再改动写删碰提直手担谢看急忘把给让问修查补等想重回输登费])[^，,；;。]{1,24}"
    rf"|^(?!.*(?:如果|只要|一旦|要是|为什么|怎么)).*(?:就|还是|统一|一律"
    rf"|确定)[{_VERBS}]{_NO_CHOICE}"
    rf"|(?:最终|最后)(?:选择?|[用定]){_NO_CHOICE}|最终选择了|(?:方案|就这么)定了|(?<![设规])定成"
    rf"|定下用"
    r"|以后.{0,12}改成|^\W*[选用][^，,]{1,16}[，,]\s*(?:理由|因为)"
)
_CHOSEN = re.compile(
    rf"\blet['’]s {_CHOOSE}\b(?! \w+ing\b| in mind)|\bwe (?:stay|stick|go) with\b"
    r"|\bwe(?:['’]re| are)? (?:no longer|don['’]t|do not|stopped|switched|moved) "
    r"(?:us(?:e|ing)|from|to)\b|^\W*agreed\b"
    r"|\bwir (?:nehmen|bleiben bei|wechseln (?:zu|auf)|steigen auf .* um|verwenden ab)\b"
    r"|\bon (?:part sur|passe à|garde|reste sur)\b|\bnos quedamos con\b"
    r"|改用|换成|改为|弃用|采用|定为|统一使?用|一律使?用|不再使?用|以后都?用|那就(?:还是|用|选|按)"
    rf"|\bwe(?:['’]ll| will| shall| are going to|['’]re going to) {_CHOOSE}\b"
    r"|\bwe(?:['’]re| are) (?:going with|switching to|moving to|dropping|keeping"
    r"|sticking)\b"
    r"|\b(?:go|going) with (?:option|plan|variant|approach)\b"
    r"|^\W*(?:please |ok(?:ay)?,? |yes,? |no,? )*use .+ (?:instead of|rather than|not)\b"
    r"|\bfrom now on,? (?:we|use|all)\b"
    r"|\b(?:lass|lasst) uns .* (?:nehmen|verwenden|benutzen)\b|\bvamos a usar\b|\busaremos\b"
    r"|\butilisons\b|\bprenons\b|我们用|咱们用"
    r"|\blet['’]s (?:not use|(?:pick|choose|settle on|take) (?!an? |up ))"
    r"|\blet['’]s go for (?!an? |it\b|lunch|now)"
    r"|\bwe(?:['’]ve| have)? (?:picked (?!up )|went with (?!my|our|friends|him|her"
    r"|them))"
    r"|^\W*final call\b"
    r"|\bwe (?:won['’]t|will not|are not going to) (?:use|support|ship)\b"
    r"|\bwe(?:['’]re| are) using (?!the |my |our ).+(?:, not|instead of"
    r"|rather than) "
    r"|^\W*(?:please |ok(?:ay)?,? |then )*stick (?:to|with) (?!the plan)"
    rf"|{_CHINESE_CHOSEN}",
    re.IGNORECASE,
)
_UNDECIDED = re.compile(
    r"^\W*(?:if|unless|once|suppose) |^能|(?:\b(?:not|never|if|before|until|unless|whether|once"
    r"|nicht|noch|pas|si|aún|todavía)"
    r"|n['’]t) (?:\w+ ){0,2}(?:decid|agre|settl|chos|entsch|décid)"
    r"|(?:没|未|尚未|还没|无法|怎么|谁|如何)有?决定|决定(?:前|之前)|[?？]\W*$"
    r"|[吗呢]\W*$",
    re.IGNORECASE,
)
_REPLACED = re.compile(
    r"\b(?:instead of|rather than|in place of|no longer(?: use| using)?|not|from|statt|plutôt que"
    r"|au lieu de|en vez de|en lugar de) ((?:[\w.+#-]+ ?){1,2})"
    r"|(?:不再使?用|弃用|而不是|代替|[，,]\s*(?:不[用要选走]|别用))\s*([A-Za-z0-9.+#-]+"
    r"|[\u4e00-\u9fff]{2,4})"
    r"|从\s*([A-Za-z0-9.+#-]+|[\u4e00-\u9fff]{2,4}?)\s*(?=换|改|迁|切)",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(
    r"\b(?:switch|switched|move|moved|migrate|migrated) (?!back\b)((?:[\w.+#-]+ ){1,4}?)(?=to\b)"
    r"|([A-Za-z0-9.+#-]+|[\u4e00-\u9fff]{2,8}?)\s*(?=改用|换成|改为|换为)",
    re.IGNORECASE,
)
"""Phrases for what is replaced: what was used before, or its purpose."""
_CHOSEN_BEFORE = re.compile(r"[\w.+#-]+\W*\Z", re.ASCII)
_CHOSEN_BEHIND = re.compile(
    r"\A\W*(?:to\b|改用|改[成到为]|换[成到为]|迁[到移]|切[到换])\s*[\w.+#-]+"
)
_WORDS = (
    *("decided", "decision", "agreed", "settled", "chose", "opted", "committed", "rejected"),
    *("switch", "switched", "stick", "adopt", "standardize", "standardise", "longer", "instead"),
    *("option", "plan", "variant", "approach", "dropping", "going", "go", "use", "move", "keep"),
    *("entschieden", "beschlossen", "geeinigt", "nehmen", "bleiben", "verwenden", "wechseln"),
    *("décidé", "choisi", "convenu", "décision", "passe", "garde", "utilisons", "prenons"),
    *("decidido", "acordado", "elegido", "decidimos", "acordamos", "quedamos", "decisión"),
    *("usaremos", "usar", "let's"),
    *("决定", "敲定", "商定", "选定", "定为", "改用", "换成", "改为", "弃用", "采用", "统一"),
    *("stay", "now", "picked", "went", "final", "support", "pick", "choose", "settle"),
    *("take", "using"),
    *(
        "不用",
        "不要",
        "不选",
        "不走",
        "不上",
        "不存",
        "不按",
        "不搞",
        "别用",
        "别选",
        "别存",
        "别走",
        "别按",
    ),
    *(f"{before}{verb}" for before in "就是一律定" for verb in "用选走上存按定"),
    *("终选", "终用", "后选", "后用", "案定", "么定", "定成", "下用", "改成", "理由", "因为"),
    *("再用", "使用", "就用", "们用", "是用", "都用", "后用", "律用", "那就", "同意"),
)

DECISION_TERMS = frozenset(
    term for word in (*_WORDS, *IMPLICIT_DECISION_TERMS) for term in terms_in(word) if len(term) > 1
)
"""Every text with a decision contains one of these."""
_NO_SUBJECT = frozenset(
    (*DECISION_TERMS, *map(stem_of, ENGLISH_STOPWORDS), *CHINESE_STOPWORDS, *CHINESE_PARTICLES)
)


def decisions_in(text: str) -> list[str]:
    """Return the sentences of a person's text that state decisions."""
    return [
        sentence
        for sentence in sentences_in(text)
        if len(sentence) <= _MAX_CHARS and _decides(sentence)
    ]


def changes_in(text: str) -> list[str]:
    """Return the sentences of a text that may say that an earlier choice is no longer valid."""
    return [
        sentence
        for sentence in sentences_in(text)
        if len(sentence) <= _MAX_CHARS and _changes(simplified(sentence))
    ]


def _changes(plain: str) -> bool:
    is_change = _REPLACED.search(plain) or _IN_PLACE.search(plain)
    return is_change is not None and _UNDECIDED.search(plain) is None


def _decides(sentence: str) -> bool:
    if terms_in(sentence).isdisjoint(DECISION_TERMS):
        return False  # what is looked for takes longer than its terms
    plain = simplified(sentence)
    if _UNDECIDED.search(plain):
        return False
    if _DECIDED.search(plain) or _CHOSEN.search(plain):
        return True
    return decides_implicitly(sentence, plain) and not is_personal(sentence)


def replaces(decision: str, older: str) -> bool:
    """Return whether a decision says that the choice of an older one is no longer valid.

    If both name a purpose, it must be the same.
    """
    plain, then = simplified(decision), terms_in(older)
    was_of = {term for term in then if len(term) > 1} - _NO_SUBJECT
    for found in (*_REPLACED.finditer(plain), *_IN_PLACE.finditer(plain)):
        named = terms_in(next(filter(None, found.groups()))) - _NO_SUBJECT
        before = _CHOSEN_BEFORE.sub("", plain[: found.start()])
        behind = _CHOSEN_BEHIND.sub("", plain[found.end() :])
        of = {term for term in terms_in(f"{before} {behind}") if len(term) > 1} - _NO_SUBJECT
        is_for_it = was_of <= named or not of or not (of & was_of) <= named
        if named and named <= then and is_for_it:
            return True
    return False

"""Recognize introductions of questions that state nothing: "Before I deploy:", 问一下."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from functools import lru_cache

from sage.retrieval.text.scripts import has_kana_or_hangul, is_unspaced
from sage.retrieval.text.sentences import sentences_of

_CACHED_TEXTS = 512
_MAX_CHARS = 80
_MAX_WORDS = 10
_MAX_IN_A_ROW = 2
_END = re.compile(r"(?:[:,：，]|\s[-–—]+|\.{2,}|…|[.!](?=\s*$))(?:\s+|$)")
_NAMES_SOMETHING = re.compile(
    r"\d|\b(?:not|no|never|nicht|kein\w*|nie|pas|jamais|nunca)\b|n't\b"
    r"|(?<=[\w,] )(?!I\b)[A-Z][a-zà-ÿ]"
)
"""Words of more than an introduction: a number, a name, a denial."""
_PAST = re.compile(
    r"\b(?:\w{2,}ed|was|were|had|did|went|got|came|broke|lost|left|made|said|told)\b", re.IGNORECASE
)
_KIND = (
    r"(?:(?:a|an|one|another|two|just|only|last|final|next|quick|small|short|tiny|little|dumb|silly"
    r"|stupid|simple|random|more|other|side|follow-?up|brief|general) )"
)
_FORGOT = (
    r"(?:sorry,? |damn,? )?(?:i|we)(?:'ve)? (?:(?:totally|always|keep|just|have|completely|again"
    r"|honestly|really) )*(?:forgot(?:ten)?|forget|forgetting|(?:can't|cannot|don't|do not)"
    r" (?:quite )?(?:remember|recall|know|find)|lost track"
    r"|blanked(?: on (?:it|this|that))?|wonder|wanted to ask"
    r"|(?:need|have|want) to (?:ask|check|know))(?: (?:it|this|again|right now|though|something"
    r"|now|for sure))?"
    r"|i'm (?:not sure|unsure|blanking|curious|wondering)"
    r"|(?:please )?(?:remind|help|tell) me(?: again| out| quickly)?"
    r"|let me (?:ask|check|see)(?: you| something| one thing)?(?: again)?"
    r"|i (?:just )?need a (?:hint|hand|pointer|reminder)"
    r"|(?:not sure|no idea|just curious|just wondering|curious|asking for a friend)"
)
_SHORT = (
    r"(?:quick|hm+|u[hm]+m*|er+m?|say|look|listen|wait|hold on|remember|reminder|question|anyway"
    r"|fyi|actually|apropos|übrigens|sag mal|au fait|dis(?:-moi)?|por cierto|oye|dime|a proposito"
    r"|aliás|кстати|слушай)"
)
_ENGLISH = (
    rf"{_KIND}+(?:question|questions|q|thing|things|one|check|ask|point|detail|favou?r)"
    r"(?: (?:for you|(?:before|while|about|on|for) [^,:]{1,40}))?"
    rf"|{_FORGOT}|{_SHORT}|(?:one|another) (?:more )?(?:for|about|on) [^,:]{{1,40}}"
    r"|(?:(?:right|just|shortly) )?(?:before|while|whenever|as soon as|until|for|on|about|regarding"
    r"|re|as for|as to|out of|speaking of|in case|to|in order to|when (?:i|we|you)"
    r"|if (?:i|we|you)) [^.]+"
    r"|(?:just )?so (?:that )?(?:i|we) (?:can|know)\b[^.]*"
    r"|(?:just |now |currently )?(?!(?:no|some|any|every)thing|morning|evening|during)\w{2,}ing"
    r" (?:the|my|our|a|an|up|through|over|out|for|on)\b[^.]+"
    r"|(?:i'm|i am|we're|we are) (?:(?:just |right now )?about to [^.]+"
    r"|(?:just )?\w+ing [^.]+ (?:right )?now)"
)
_FORGOT_IN_OTHER_LANGUAGES = (
    r"(?:(?:ganz |noch |nur |mal )?(?:kurze|eine|dumme|letzte|schnelle|kleine)"
    r"(?: (?:kurze|letzte|dumme|schnelle|kleine))? )?frage"
    r"|noch (?:was|etwas)|eins noch|mal was|kurz"
    r"|ich (?:hab(?:e|'s)?(?: es)? (?:es )?vergessen|weiß (?:es )?nicht mehr)"
    r"|(?:(?:une|encore|petite|dernière|autre) )*question|une dernière chose|rapide"
    r"|j'ai (?:encore )?oublié|je (?:ne )?(?:sais|me souviens) plus"
    r"|(?:(?:una|otra|última|pequeña) )*(?:pregunta|duda)(?: rápida)?|(?:una|otra) cosa(?: más)?"
    r"|(?:se me|me|lo he|he) olvid(?:ó|é|ado)|no (?:me acuerdo|recuerdo)"
    r"|una domanda|un'altra cosa|mi sono dimenticat[oa]|non (?:mi ricordo|ricordo)"
    r"|uma pergunta|esqueci|não (?:me )?lembro|(?:(?:один|ещё) )?вопрос|(?:я )?забыла?"
)
_GERMAN = (
    r"(?:bevor|ehe|während|solange|falls) [^.]+|wenn (?:ich|wir|du) [^.]+|aus neugier"
    r"|(?:für|vor|zu[rm]?|wegen|beim?) (?:(?:der|die|das|den|dem|meine\w*|unsere\w*) )?[^.]{1,40}"
)
_OTHERS = (
    r"(?:avant (?:de|que|le|la)|pendant que|pour (?:la|le|les|mon|ma)|tant que|au sujet d[eu]"
    r"|à propos d[eu]|concernant|par curiosité)\b[^.]*"
    r"|(?:antes de|mientras|para (?:el|la|los|las|mi)|sobre|en cuanto a|por curiosidad)\b[^.]*"
    r"|(?:prima di|per (?:il|la)|antes de|para [oa]|перед|прежде чем|для) [^.]+"
)
_INTRODUCES = re.compile(
    rf"{_ENGLISH}|{_OTHERS}|(?P<german>{_GERMAN})|{_FORGOT_IN_OTHER_LANGUAGES}", re.IGNORECASE
)
_ASKS_LEAVE = re.compile(
    rf"{_KIND}+(?:question|questions|q|thing|things|one|check|favou?r)|{_FORGOT}|{_SHORT}"
    rf"|{_FORGOT_IN_OTHER_LANGUAGES}",
    re.IGNORECASE,
)
"""Texts that state nothing, whatever they name or deny: that somebody asks, or has forgotten."""
_TOPIC = re.compile(r"[^\W\d][\w-]*(?: [^\W\d][\w-]*)?")
"""The topic of a question, before a colon."""
_MAY_RELATE = re.compile(r"(?:who|whose|where|when|qui|que|où|quand)\b", re.IGNORECASE)
_HAN_END = re.compile(r"[,，；、]\s*|[:：]\s*(?!\d)|\s+")
_HAN = re.compile(
    r"[^\d不没]{1,12}(?:之前|以前|前|的?时候?|之后|期间|用)?(?:我|咱们)?(?:先|再|顺便|顺带|想|要)*"
    r"(?:问|确认|核对|核实|请教|打听|了解|查)(?:一下|一句|一声|下|句|个事儿?|个问题)?"
    r"|[^\d不没了]{1,10}(?:之前|以前|前|的?时候)|(?:为了|关于|写|填|做)[^\d不没了]{1,8}用?"
    r"|(?:我)?(?:有点|实在|一时|一下子|又)?(?:记不太?清|想不太?起来?|忘|记不住|拿不准)了?"
    r"|话说(?:回来)?|对了|请问|嗯|哎|那个|顺便|顺便(?:说|提)一下|(?:还|再|最后)(?:有)?(?:问)?(?:一|个|一个)?(?:问题|事儿?)"
    r"|(?:小|快)?(?:问题|提问)|请教(?:一下|一?个问题)?|打扰一下|随便问问|好奇"
)
_KANA = re.compile(
    r"[^\d、]{0,14}(?:前に|ついでに|ときに|時に|際に|ところで|ちなみに|(?:確認|質問)(?:ですが|だけど)?|なんですが|なんだけど"
    r"|すみません|(?:忘れた|覚えていない|覚えてない|思い出せない|聞きたい|知りたい|教えてほしい)"
    r"(?:んだ|の|ん|の?です|んです)?(?:けど|けれど|が)|念のため|あと)"
)


@lru_cache(_CACHED_TEXTS)
def without_introductions(text: str) -> str:
    """Return a text without an introduction before its question that states nothing."""
    rest = text.strip()
    for sentence in sentences_of(rest):
        if len(sentence) == len(rest) or not introduces(sentence):
            break
        rest = rest[len(sentence) :].lstrip()
    if not is_unspaced(rest):
        return without_introduction(rest)
    is_japanese = has_kana_or_hangul(rest)
    return (without_introduction_in_kana if is_japanese else without_introduction_in_han)(rest)


def without_introduction(sentence: str) -> str:
    """Return a sentence without an introduction before its question that states nothing.

    A clause that may belong to a noun before it is no question: "for the lab, who is away".
    """
    is_marked = sentence.rstrip().endswith("?")
    rest = sentence
    for _ in range(_MAX_IN_A_ROW):
        found = _END.search(rest, 0, _MAX_CHARS)
        if found is None or found.end() == len(rest):
            break
        before, mark = rest[: found.start()].rstrip(), found.group().strip()
        if not introduces(before) and not (mark == ":" and _TOPIC.fullmatch(before.strip())):
            break
        follows = rest[found.end() :]
        is_loose = is_marked or mark != "," or not _MAY_RELATE.match(follows)
        if not is_loose and _ASKS_LEAVE.fullmatch(before.strip()) is None:
            break
        rest = follows
    return rest


def introduces(text: str) -> bool:
    """Return whether a text may introduce a question, and states nothing of its own."""
    words = text.strip(" .!:,-–—…")
    if not words or len(words.split()) > _MAX_WORDS:
        return False
    found = _INTRODUCES.fullmatch(words)
    if found is None or _ASKS_LEAVE.fullmatch(words):
        return found is not None
    names = _NAMES_SOMETHING.search(words.lower() if found["german"] else words)
    return names is None and _PAST.search(words) is None


def without_introduction_in_han(sentence: str) -> str:
    """Return a sentence in Chinese without the introductions before a question."""
    rest = sentence
    for _ in range(_MAX_IN_A_ROW):
        found = _HAN_END.search(rest)
        if found is None or found.end() == len(rest) or not _HAN.fullmatch(rest[: found.start()]):
            break
        rest = rest[found.end() :]
    return rest


def without_introduction_in_kana(sentence: str) -> str:
    """Return a sentence in Japanese without an introduction before a question."""
    begins, mark, rest = sentence.partition("、")
    return rest if mark and rest and _KANA.fullmatch(begins.strip()) else sentence

"""Patterns of corrections: their markers, what they withdraw, what they refer to."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

BEGINS_CORRECTING = re.compile(
    r"\s*(?:(?:no(?! (?:worries|problem|doubt|rush|need|wonder|way|idea|matter|more|longer)\b)"
    r"|nope|nah|wrong|not|actually|correction|that's (?:wrong|not)|nein|falsch|doch"
    r"|non|faux|en fait|incorrecto|sbagliato|não|нет|неверно|неправильно)\b"
    r"|不对|不是|错了|不[,，]|应该是|其实|違います|いいえ|아니)",
    re.IGNORECASE,
)
SENDS_BACK = re.compile(
    r"\b(?:again|try|check|look)\b|\bthat's (?:wrong|not it|not right|incorrect)\W*$"
    r"|noch ?mal|réessaie|otra vez|再|重新|不对\W*$",
    re.IGNORECASE,
)
"""Phrases that reject an answer without correcting it."""
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
MARKER = re.compile(
    rf"[\s,.:;!—–\-，。：；！、]*(?:(?P<means>{_MEANS})|(?P<denies>{_DENIES})"
    rf"|(?P<takes_back>{_TAKES_BACK}))",
    re.IGNORECASE,
)
POINTS = re.compile(
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
NOT = re.compile(
    r"(?:[,;:—–，、]\s*(?:and |und |et |y |e |а |而)?|^|\b(?:and|und|et|y|e) )"
    rf"(?:(?:not|nicht|pas|no|non(?: pas)?|não|не)\b|不是|非)\s*{_OLD}"
    rf"|(?<=\w) (?:not|nicht|pas) {_OLD.replace('old', 'last')}(?=\W*$)"
    r"|\b(?:instead of|rather than|(?:an)?statt|au lieu de|en (?:lugar|vez) de|invece di|em vez de"
    rf"|вместо)\s+{_OLD.replace('old', 'older')}"
    r"|(?P<oldest>[\w.:/-]+?)(?:では|じゃ)なく[て、]*|(?P<oldest_ko>[\w.:/-]+?)[이가] 아니라",
    re.IGNORECASE,
)
BUT = re.compile(r"^[\s,，、]*(?:(?:but|sondern|mais|sino|ma|mas|а)\b|而是|而)\s*", re.IGNORECASE)
MAY_CONTRAST = re.compile(
    r"[,;，、]\s*(?:and |und |et |y |e |а |而)?(?:(?:not|nicht|pas|no|non|não|не)\b|不是|非)"
    r"|\b(?:instead of|rather than|statt|anstatt|au lieu de|en lugar de|en vez de|invece di)\b"
    r"|(?:では|じゃ)なく|[이가] 아니라"
    r"|^(?:not|nicht|pas|não|не|不是).{1,60}(?:[,，]|\bbut\b|\bsondern\b)",
    re.IGNORECASE,
)
NOTS = (
    *("not ", "nicht ", "pas ", "no ", "non ", "não ", "не ", "不是", "非", "instead of"),
    *("rather than", "statt ", "au lieu de", "en lugar de", "en vez de", "invece di"),
    *("em vez de", "вместо", "なく", "아니라"),
)
DENIES_THAT = re.compile(
    r"\W*(?:that(?:'s| is) (?:wrong|incorrect|not (?:right|correct|true))|das (?:stimmt nicht"
    r"|ist falsch)|c'est faux)\b",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b(?:called|named|heißt|appelle|llama|chiama)\b|叫", re.IGNORECASE)
PLACES = re.compile(
    r"\b(?:on|in|at|by|the|a|an|der|die|das|auf|im|am|um|sur|à|en|el|la|le)\b", re.IGNORECASE
)
SENDS_AWAY = re.compile(
    r"[?？]\s*$|\b(?:again|try|check|look)\b|noch ?mal|réessaie|otra vez|再|重新|[吗呢]\W*$",
    re.IGNORECASE,
)
SAYS_MORE = re.compile(r"[了我你您先请要就都还不没再别谢用]|結構|大丈夫|ません|.[在是]")
"""Words of a short Chinese sentence that does more than name a thing."""
SAYS_OF_IT = re.compile(
    r"\s(?:is|are|was|were|has|have|ist|sind|war|hat|est|sont|es|son|è)\s", re.IGNORECASE
)
NO_THING = frozenset(
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

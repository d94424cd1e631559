"""Recognize kinds of things by the nouns for them, and by how such things are written.

A port is a number, a version has dots, a folder has slashes, a table is several words joined. The
nouns are Chinese, English, French, German, Italian, Portuguese, Russian and Spanish.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from sage.retrieval.query.value_patterns import (
    COUNT,
    DATE_WORD,
    DOTTED,
    DURATION,
    HAN_PERSON,
    HYPHENED,
    JOINED,
    LINK,
    NUMBERED,
    PATH,
    PERSON_NAME,
    SLASHED,
    TIME,
    VERSION,
    WHOLE,
)
from sage.retrieval.text.simplified_chinese import simplified
from sage.retrieval.text.stopwords import QUESTION_WORDS
from sage.retrieval.text.words import stem_of, words_of


class EntityType(NamedTuple):
    """A kind of thing: stems of its nouns, patterns of other mentions, and how it is written."""

    stems: frozenset[str]
    spoken: re.Pattern[str]
    written: re.Pattern[str]


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem_of, words.split()))


def _type(nouns: str, spoken: str, *written: str) -> EntityType:
    flags = re.IGNORECASE | re.ASCII
    return EntityType(
        _stems(nouns),
        re.compile(spoken, re.IGNORECASE),
        re.compile("|".join(written), flags),
    )


ENTITY_TYPES = (
    _type("port puerto porta porto порт", "端口", WHOLE),
    _type(
        "version versione versao версия",
        r"\b(?:pin|pinned|upgrade|downgrade)\b|版本|升[级到]|锁[在定的]|依赖",
        VERSION,
    ),
    _type(
        """
        retention timeout ttl duration interval period aufbewahrung dauer frist duree delai duracion
        plazo durata duracao срок
        """,
        r"\bhow long\b|\bhow many (?:seconds|minutes|hours|days|weeks|months|years)\b"
        r"|\bwie lange\b|\bcombien de temps\b|\bcuánto tiempo\b|\bquanto tempo\b|как долго"
        r"|多久|多长时间|[几多少]+(?:秒|分钟|小时|天|周|个月|年)|保留期|超时",
        DURATION,
    ),
    _type(
        "deadline date time uhrzeit termin horaire fecha horario orario время",
        r"\bwhat time\b|\bwhen (?:in|do|does|did|is|are|was|were|will|must|may|can|should)\b"
        r"|\b(?:wann|quand|cuándo|quando)\b|когда"
        r"|什么时[候间]|何时|几[点号月]|哪[天日]|周几|星期几|的时间|[过到]点",
        TIME,
    ),
    _type(
        """
        limit quota rate maximum minimum level length number size speed anzahl grenze taille tamano
        limite quote лимит
        """,
        "[限配]额|上限|限[流速]",
        COUNT,
    ),
    _type("price cost budget amount preis prix precio prezzo preco цена", "价格|费用", COUNT),
    _type(
        """
        folder directory path log ordner verzeichnis pfad dossier chemin carpeta ruta camino
        directorio cartella percorso pasta caminho папка путь каталог
        """,
        r"\b(?:in|to) (?:what|which) file\b|目录|路径|文件夹|日志",
        PATH,
    ),
    _type("url link website adresse enlace ссылка", r"\bweb (?:site|page)\b|链接|网址", LINK),
    _type(
        "table tabelle tabla tabella tabela таблица",
        r"\b(?:rows?|columns?|index|zeilen?|spalten?|lignes?|colonnes?|filas?|righ?[ae]|linhas?)\b"
        r"|(?<![图代发仪外手])表(?![示现达明面盘单])|[几多少]+行",
        JOINED,
    ),
    _type(
        "branch zweig branche rama ramo ветка",
        r"\b(?:rebase|check out|pull request)\b|分支|合并请求",
        SLASHED,
        HYPHENED,
    ),
    _type(
        "queue warteschlange cola coda fila очередь",
        r"\b(?:messages?|nachricht(?:en)?|mensajes?|messagg[io]|mensage(?:m|ns)|topics?)\b"
        "|队列|主题|消息|сообщен",
        DOTTED,
        HYPHENED,
        JOINED,
    ),
    _type(
        "flag toggle switch schalter interrupteur interruptor bandera interruttore флаг",
        r"\benable\b|开关|启用",
        HYPHENED,
        JOINED,
    ),
    _type(
        "dashboard board tableau tablero panel pannello painel панель дашборд",
        r"\bfigures\b|面板|仪表[盘板]|看板|[块张]板",
        NUMBERED,
        LINK,
    ),
    _type(
        """
        host hostname server machine node rechner serveur servidor maquina nodo macchina сервер
        машина узел
        """,
        "主机|服务器|机器|节点",
        NUMBERED,
        DOTTED,
        HYPHENED,
    ),
)
_ANY = frozenset(
    (
        _type(
            "",
            r"\bhow (?:many|much|fast|often|big|large|high)\b|\bwie (?:viele?|oft|schnell|groß)\b"
            r"|\bcombien\b|\bcuánt[oa]s?\b|\bquant[oiae]\b|сколько|多少|多[快大高]|几[个次条台]",
            COUNT,
        ),
        _type(
            "",
            r"\b(?:where|wo|où|dónde|dove|onde)\b|где|哪[里儿]",
            *(PATH, LINK, JOINED, DOTTED, HYPHENED, NUMBERED),
        ),
    )
)
"""Words for things of several kinds."""

PERSON_NOUNS = _stems(
    """
    approver contact lead name owner person responsible besitzer verantwortlich verantwortliche
    zustandig nom proprietaire responsable dueno nombre responsabile proprietario владелец
    """
)
TYPE_NOUNS = PERSON_NOUNS.union(*(one.stems for one in ENTITY_TYPES)) | _stems(
    """
    address answer bucket colour component day default email file id language location module
    password place region room service system team type unit user value archivo clave contrasena
    datei dia dienst equipe equipo fichero fichier heure hora jour modul module mot numero ort passe
    passwort puerto raum salle servicio tag valeur valor wert zeit
    """
)
"""Stems of nouns for kinds of things, which do not identify a thing."""

_NAMES = _stems("name nom nombre")
_PERSON_ASKED = re.compile(
    r"\b(?:who(?:m|se)?|we[rmn]|qui|quién(?:es)?|chi|quem|кто)\b|谁|哪位|负责人|联系人",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"\A\W*|[.!?。！？:：]\s*")

_ASKED_NOUN = re.compile(
    r"\b(?:which|what|welche[mnrs]?|quel(?:le)?s?|qu[eé]|cuál|quale?|qual|как(?:ой|ая|ом))"
    r" (?:(?:is|ist|est|es|è|é) (?:the|der|die|das|le|la|el|il|o|a) )?(\w+)"
    r"|\b(\w+) (?:of|for|des|der|von|vom|für|de|du|del|della|di|do|da)\b"
    r"|(?:哪[个些一]?|什么|几个?)([\u3400-\u9fff]{2})|的([\u3400-\u9fff]{2})(?=号?(?:是|叫|在|$|\W))",
    re.IGNORECASE,
)
_FIRST_WIDE = "\u2e80"

_HALF = 0.5
_QUARTER = 0.25


@lru_cache(maxsize=1024)
def entity_types_in(text: str, subject: frozenset[str] = frozenset()) -> frozenset[EntityType]:
    """Return the kinds of things that a text mentions in addition to its subject.

    Words for several kinds count only if the text mentions no specific one.
    """
    stems = _stems_in(text) - subject
    plain = simplified(text)
    for term in subject:
        plain = plain if term.isascii() else plain.replace(term, " ")
    found = frozenset(one for one in ENTITY_TYPES if one.stems & stems or one.spoken.search(plain))
    return found or frozenset(one for one in _ANY if one.spoken.search(plain))


def asked_type_nouns(prompt: str) -> frozenset[str]:
    """Return the stems of the nouns for the kind of thing that a prompt asks for: `port`, `端口`.

    They do not identify the thing itself.
    """
    words = [word for found in _ASKED_NOUN.findall(simplified(prompt)) for word in found if word]
    stems = {word if word >= _FIRST_WIDE else stem_of(word.lower()) for word in words}
    return frozenset(
        one
        for one in stems
        if any(one in kind.stems or kind.spoken.fullmatch(one) for kind in ENTITY_TYPES)
    )


def type_match(prompt: str, text: str, subject: frozenset[str] = frozenset()) -> float:
    """Return how certainly a text names a thing of a kind that a prompt needs, 0 to 1.

    The thing is written like one of that kind, and the text mentions that kind or no other.
    """
    is_person = _PERSON_ASKED.search(prompt) is not None or not (PERSON_NOUNS - _NAMES).isdisjoint(
        _stems_in(prompt)
    )
    if is_person and _names_a_person(text, prompt):
        return 1.0
    needed = entity_types_in(prompt, subject)
    named = {one for one in needed if one.written.search(text)}
    if needed <= _ANY:
        return _QUARTER * bool(named)
    spoken = entity_types_in(text, subject) - _ANY
    if named & spoken:
        return 1.0
    return _HALF if needed & spoken or (named and not spoken) else 0.0


def _stems_in(text: str) -> frozenset[str]:
    return frozenset(word.term for word in words_of(text) if not word.run)


def _names_a_person(text: str, prompt: str) -> bool:
    begins = {found.end() for found in _SENTENCE.finditer(text)}
    return HAN_PERSON.search(text) is not None or any(
        found[0] not in prompt
        and found[0].lower() not in QUESTION_WORDS
        and DATE_WORD.fullmatch(found[0]) is None
        and (found.start() not in begins or " " in found[0])
        for found in PERSON_NAME.finditer(text)
    )

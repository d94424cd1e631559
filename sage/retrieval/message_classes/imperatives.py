"""Recognize tasks by the imperative: a bare verb with its object, whatever the verb."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

_NOT_VERBS = frozenset(
    """
    about above after afterwards again ago all almost along already also although always am among an
    and another any anyone anything are around as at away back because been before behind below
    beneath beside besides between beyond both but by consider contrary despite did do does done
    down during each either else even ever every everyone everything except few for from given had
    half hardly has have he hence her here hers him his how however if in indeed inside instead into
    is it its just last late later least less let lest lots mainly many maybe me merely mine minus
    more moreover most mostly much my near nearly neither never next no nobody none nor not nothing
    now of off often on once one only onto opposite or other others otherwise our outside over own
    per perhaps plenty plus quite rather really round same several she since so some somebody
    someone something sometimes soon still such than that the their them then there therefore these
    they this those though three through throughout thus till to today together tomorrow tonight too
    toward twice two under unless unlike until up upon us usually versus via was we well were what
    whatever when whenever where whereas wherever whether which whichever while who whoever whole
    whom whose why will with within without worth yesterday yet you your

    ate beat became began bent bit blew bought broke brought built burnt came caught chose cost cut
    dealt drank drew drove dug fed fell felt flew forgot fought found froze gave got grew heard held
    hid hit hurt kept knew laid lay led left lent lit lost made meant met paid put quit ran rang
    read rode rose said sang sank sat saw sent set shook shot shut slept sold spent split spoke
    spread stole stood stuck swam swept thought threw took tore understood went woke won wore wrote

    ask avoid beg believe bless buy call can cannot could dare dislike eat enjoy enter expect feed
    feel find follow forget guess happy hate have hear help hope hold imagine keep know leave like
    listen look love make mash may mean meet mention might mind miss mix must name need note notice
    ought pardon pay pick pray prefer press promise pull push recall regard remember reply respect
    respond say see serve shall should skip sorry spare speak stay stop suppose take talk teach tell
    thank thanks think treat trust turn understand use visit wait want watch water wear welcome wish
    would

    breakfast dinner evening friday lunch monday morning night noon part saturday sunday thursday
    tuesday wednesday
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""Words that begin sentences other than tasks, or rules and recipes as often as tasks."""
_FORMS_OF_NO_TASK = re.compile(r".*[^e]ed|.*[aeiouy].*ing|.*ly|.*[^s]s")
_PARTICLE = r"(?:apart|away|back|down|in|off|on|out|over|through|up) "
_DETERMINED = (
    r"(?:the|all|this|these|those|my|our|your|its|both|every|each"
    r"|that(?! (?:i|he|it|she|there|they|we|you)\b)) \w"
)
_OBJECT = re.compile(rf"(?:{_PARTICLE})?{_DETERMINED}|{_PARTICLE}an? \w", re.IGNORECASE)
_TAKING_ANY = frozenset(
    """
    append arrange attach book compose declare define draft embed file insert mock order produce
    raise register schedule stub throw
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_ANY = re.compile(r"an? \w", re.IGNORECASE)
"""In French and Portuguese, names are followed by "a", too."""
_TURN = re.compile(
    r"(?:turn|use|split|cut) (?:the|this|these|that|those|it) .* (?:in(?:to)?|here|down|up)\b"
)
_HOW = re.compile(
    r"\b(?:by \w+ing|until|when|whenever|(?:before|after)(?! that\b)|while|once (?:an?|the|you|it)"
    r"|twice|if|first\W*$|the same|every|each|overnight|daily|weekly|at night"
    r"|(?:on|at|in|for) (?:the )?(?:weekends?|\w+days?|one|two|three|four|five|six|seven|eight"
    r"|nine|ten|eleven|twelve|noon|midnight|mornings?|evenings?)"
    r"|to (?!the\b|an?\b|my\b|our\b|your\b|its\b|their\b|this\b|that\b|these\b|those\b|use\b)"
    r"[a-z]+ (?:the|an?|it|them|him|her|this|that|you|your|my|our)\b)",
)
"""How or when something is done: a recipe rather than a task."""

_OTHER_LANGUAGES = re.compile(
    r"(?:(?:pinne|erhöhe|ersetze?|räume?|verschiebe?|benenne?|schalte?|kürze?|bring|deaktiviere"
    r"|aktiviere|sortiere?|ändere?|refaktoriere|merge|pushe|deploye|formatiere?|dokumentiere"
    r"|konfiguriere|installiere?|entpacke?|verbinde|verlinke?|sichere|archiviere?|bestelle?|buche?)"
    r" (?:den|die|das|alle|mal|bitte|diese[nrs]?|ein\w{0,2})"
    r"|(?:épingle|monte|déplace|renomme|nettoie|remplace|désactive|active|raccourcis|fusionne"
    r"|déploie|installe|configure|range|prépare|envoie|ouvre|ferme|trie|extrais|formate|documente"
    r"|archive|réserve|mets à jour|mettez à jour) (?:les?|la|cet?|cette|ces|un|une|tou[st]\w*|l')"
    r"|(?:fija|sube|mueve|renombra|limpia|reemplaza|desactiva|activa|acorta|fusiona|actualiza"
    r"|cambia|quita|ordena|instala|configura|despliega|prepara|envía|cierra|archiva|reserva)"
    r" (?:el|la|los|las|est[aeo]s?|es[aeo]s?|un|una|tod[ao]s)"
    r"|(?:fissa|aggiorna|rinomina|sposta|pulisci|disattiva|attiva|sostituisci|accorcia|unisci"
    r"|installa|configura|prepara|invia|chiudi|archivia|prenota)"
    r" (?:il|lo|la|i|gli|le|l'|quest[aeio]|un|una|tutt[ei])"
    r"|(?:fixa|fixe|atualiz[ae]|renomei[ae]|mov[ae]|limp[ae]|desativ[ae]|ativ[ae]|substitu[ai]"
    r"|encurt[ae]|instal[ae]|configur[ae]|prepar[ae]|envi[ae]|arquiv[ae]|reserv[ae])"
    r" (?:os?|as?|est[ae]s?|ess[ae]s?|um|uma|tod[ao]s))(?:\b|(?<='))"
    r"|(?:закрепи|подними|переименуй|перенеси|почисти|отключи|включи|замени|сократи|слей|установи"
    r"|настрой|подготовь|отправь|закрой|открой|заархивируй|отсортируй|вынеси|разбей|убери)(?:те)?"
    r" [а-яёa-z]",
    re.IGNORECASE,
)
"""Verbs of tasks in other languages, with what follows them."""
_RULE_IN_OTHER_LANGUAGES = re.compile(
    r"\b(?:cada|chaque|jede[nrs]?|ogni|каждый|каждую|montags|sonntags|los (?:lunes|martes|viernes)"
    r"|le (?:lundi|mardi|vendredi|soir|matin)|il (?:lunedì|venerdì)|abends|morgens)\b",
    re.IGNORECASE,
)

_HAN = re.compile(
    r"(?:请|麻烦|帮忙|现在|然后|再|先|快|那就?|顺便)*(?:请|帮我|给我)?(?:"
    r"[\u4e00-\u9fff]{1,3}(?:一下|下(?=[昨今这那上刚]))(?!子|来|去)"
    r"|把.{1,20}(?:固定[到为成]|改成|改为|换[成个到]|拆[成开]|[移挪搬]到|[移挪]出|并[到进]|传进|传下"
    r"|写[短长清]|升[级到]|降[级到]|[去删关拿撤]掉|加[到进上]|导[出成]|发给|贴到|对齐|锁[到定]|包[进成])"
    r"|(?:去|删|关|屏蔽|撤|停|拿|砍)掉|拆成|升级(?=[^之以后前时]{2,})|重命名"
    r"|归档|导出成|清空|清理"
    r"|给.{1,12}(?:发|写|接上|打)[封个条份]?|[补写打发订拟起留跑][一个封张份条遍](?:[个张封份条遍])?"
    r")"
)

_HAN_STATES = re.compile(
    r"了(?!解)|没|等|第一|不(?!稳定|用的|需要的)|已|会|率|可(?!以)|负责|因为|以后|永远|总是|每|只|别|记得|记住|是|应该|必须|在"
    r"|(?<!摘)要(?!求)|(?<![不常通])用(?!户|例|法|途)"
)

_TO_VERSION = re.compile(
    r"\b(?:to|version) v?\d+(?:\.[\dx]+)+\b|\b(?:from|to) v?\d+\b", re.IGNORECASE
)
_VERSIONED = frozenset(
    ("backport", "bump", "downgrade", "move", "pin", "raise", "update", "upgrade")
)


def without_versions(lead: str, first: str) -> str:
    """Return a task without the version to which something is to be upgraded."""
    return _TO_VERSION.sub("", lead) if first in _VERSIONED else lead


def is_imperative(lead: str, first: str) -> bool:
    """Return whether a sentence has the form of a task: a bare verb with its object.

    `first` is its first word, uncapitalized. A sentence that says how or when something is done is
    a recipe or a rule.
    """
    rest = lead[len(first) :].lstrip()
    if first.isascii() and (_OBJECT.match(rest) or (first in _TAKING_ANY and _ANY.match(rest))):
        if _TURN.match(lead.lower()):
            return True
        is_verb = first not in _NOT_VERBS and _FORMS_OF_NO_TASK.fullmatch(first) is None
        return is_verb and "'" not in first and _HOW.search(lead) is None
    return (
        _OTHER_LANGUAGES.match(lead) is not None and _RULE_IN_OTHER_LANGUAGES.search(lead) is None
    )


def is_chinese_imperative(lead: str) -> bool:
    """Return whether a Chinese sentence without a subject names an action and its object."""
    return _HAN.match(lead) is not None and _HAN_STATES.search(lead) is None

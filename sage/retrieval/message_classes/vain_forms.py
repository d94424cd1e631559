"""What is no answer to a question or a request, by the first word of a clause in small letters."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

ASKED = r"(?:who|whom|whose|what|when|where|which|why|how|whether|if)\b"
"""What begins a question within a sentence."""

_NOT = r"(?:(?:do|did|could|can|have|was|am|would|should)(?:n't| not)|can't|cannot|'m not)"
_MEMORY = (
    r"(?:memor(?:y|ies)|records?|recall(?:ed)?|conversations?|history|sessions?|information|info"
    r"|mentions?"
    r"|entry|entries|on file|stored|saved|sage|notes?|details?|data|knowledge|context"
    r"|recollection|trace)"
)
_ABOUT = r"(?:about|on|of|for|regarding|concerning|related to|matching|in|that)"
_NOUNS = (
    r"(?:memor(?:y|ies)|records?|information|info|mentions?|entry|entries|results?|matches|hits"
    r"|data|notes?"
    r"|trace|conversations?|history|recollection|details?)"
)
_GOES_ON = (
    r"(?:$| (?:of|about|on|for|was|were|regarding|concerning|that (?:says|mentions|tells|answers"
    r"|matches)"
    r"|in (?:our|my|the|your)|match\w*|mention\w*|found|stored|available|yet|here|there|related)\b)"
)
_FIND = r"(?:find|tell|determine|locate|recall|answer|see|confirm|retrieve)"
_TOLD = (
    r"(?:told|tell|mentioned|mention|said|say|shared|share|specified|given|discussed|discuss|talked"
    r"|provided)\b"
)
_NEVER = r"(?:have not|haven't|did not|didn't|have never|never|don't|do not)"

_FORMS = {
    "i i've i'm i'll i'd": (
        rf"i (?:really |just |still )?{_NOT} (?:\w+ly )?(?:know|remember|recall|tell|say|determine"
        rf"|confirm|answer)"
        rf"(?:$| (?:{ASKED}|that|this|it|yet|exactly|the |your |his |her |our |about |of |from "
        rf"|discussing"
        r"|you(?: (?:that|this|mention|tell))?\b|us ))"
        rf"|i (?:really |just |still )?{_NOT} (?:\w+ly )?(?:find|see|locate|retrieve|have|know of"
        rf"|seem to have)\b.*"
        rf"(?:\b{_MEMORY}\b|\banything\b|\baccess to\b| (?:that|this|it)(?:$| (?:in|on|anywhere))"
        rf"|\b{ASKED})"
        rf"|i (?:still |also )?(?:have|found|find|see|got|had) (?:no|nothing|none)\b(?:$"
        rf"|.*\b(?:{_MEMORY}"
        rf"|{_ABOUT})\b)"
        rf"|i(?:'m| am|'ve been| was) (?:un|not )able to {_FIND}\b|i wasn't able to {_FIND}\b"
        rf"|i(?:'m| am) not (?:sure|certain|aware)(?:$| (?:of|about|{ASKED}))"
        rf"|i(?: have|'ve(?: got)?) no (?:idea|clue|memory|record|recollection|knowledge)"
        rf"(?:$| (?:{ASKED}|of|about|yet))"
        rf"|i (?:don't|do not) (?:think|believe) (?:you|we)(?:'ve| have)? (?:ever )?{_TOLD}"
        r"|i (?:cannot|can't|can not|won't|am not allowed to) (?:help|share|provide|disclose"
        r"|assist|answer"
        r"|do that|give|access (?:past|previous|earlier))\b"
        r"|i(?:'d| would|'ll| will) (?:need|have) to (?:check|look|ask|search)\b"
        r"|i(?:'ll| will| am going to)(?: just)? (?:check|look|search|see|find out|have a look)"
        r"(?:$| (?:that|this|it|now|first|into (?:it|that|this)|for (?:it|that)|if i can|whether"
        r"|what|in (?:the|my|our)"
        r"|the (?:memory|records|notes|code|repo|logs|docs|project))\b)"
    ),
    "couldn't could can't cannot don't do didn't haven't found have unable not": (
        rf"(?:{_NOT} )(?:find|have|see|recall)\b.*\b(?:{_MEMORY}|anything)\b"
        rf"|(?:have|found) (?:no|nothing|none)\b(?:$|.*\b(?:{_MEMORY}|{_ABOUT})\b)"
        rf"|(?:un|not )able to {_FIND}\b|not (?:sure|certain|aware)(?:$| (?:of|about|{ASKED}))"
    ),
    "there there's": (
        rf"there(?:'s| is| are| was| were)(?:n't any| no"
        rf"| not any)(?: [\w-]+){{0,3}}? {_NOUNS}{_GOES_ON}"
        r"|there(?:'s| is| was) nothing\b.*\b(?:in (?:my |the |your |our )?(?:memory|memories"
        r"|history)|about"
        r"|on|for|regarding|that (?:says|mentions|tells|answers))\b"
    ),
    "no none nothing 0 zero": (
        rf"(?:no|0|zero)(?: [\w-]+){{0,2}}? {_NOUNS}{_GOES_ON}"
        rf"|nothing (?:(?:was|is|has been|has) )?(?:relevant |matching )?"
        rf"(?:found|stored|saved|recorded|turned up|came up|known){_GOES_ON}"
        r"|nothing (?:about|on|relevant|matching|in (?:memory|my|the|our|your))\b(?!.*\b(?:is|are"
        r"|was"
        r"|were|has)\b)"
        r"|nothing (?:stored |found |relevant )?(?:fits|matches|answers|came up|turned up)\b"
        r"|none of (?:the|my|these|those|your)\b.*\b(?:memories|results|hits|entries"
        r"|conversations|records)\b"
        rf"|no (?:idea|clue|memory|record|recollection)(?:$| (?:{ASKED}|of|about|yet))"
    ),
    "my your the our this sage sage's memory memories search recall recalled results result": (
        r"(?:(?:my|your|the|our|this) )?(?:sage(?:'s)?|memory|memories|search|recall(?:ed)?"
        r"|results?)"
        r"(?: (?:memory|memories|search|block|results?|server|tool))*"
        r" (?:also |only )?(?:(?:ha[sd]|have|found|finds|returned|gave|brought|holds?|held"
        r"|contain(?:s|ed)?|came"
        r" back|yielded|turned up|shows?|is|was|were|are) (?:no(?:thing|ne)?|empty"
        r"|with(?:out)? (?:nothing|any)"
        r"|zero|0|only (?:earlier|copies|repeats?))\b|contains? only (?:earlier|copies)"
        r"|(?:does|do|did|has|have)(?:n't| not) (?:contain|have|hold|mention|know|include|say"
        r"|return|find"
        r"|answer|show|tell|cover)"
        r"|(?:only|just) (?:contains?|shows?|repeats?|holds?|mentions?"
        r"|includes?)\b.*\b(?:questions?|copies)"
        r"|nothing\b)"
    ),
    "you you've we we've": (
        rf"(?:you|we)(?:'ve| have)? (?:{_NEVER}|not)(?: yet| ever| actually| have)? {_TOLD}"
        r"(?! (?:the|a|an) [\w-]+ to\b|.* with (?!me\b|us\b|you\b))"
    ),
    "that this it that's it's": (
        r"(?:that|this|it)(?:'s not| is not|'s never been| has never been| was never| was not"
        r"| hasn't been"
        r"| isn't| wasn't| has not been)(?: been)? (?:something i (?:have|know|remember)"
        r"|discussed|mentioned|stored|saved"
        r"|recorded|known|in (?:my|the) memory)"
        r"(?:$| (?:in|anywhere|yet|here|for|on|before|with)\b)"
    ),
    "they": r"they (?:don't|do not|didn't) (?:mention|say|contain|tell|cover|answer|include)\b",
    "neither": (
        r"neither (?:of (?:them|these|those|(?:the|my) \w+)|search|query) (?:returned|found|gave"
        r"|brought"
        r"|turned up|says?|mentions?|has|have|contains?|answers?)\b"
    ),
    "let": r"let me (?:just )?(?:check|look|see|search|find out|think|recall|have a look)\b",
    "one just give checking searching looking": (
        r"(?:one|just a|give me a) (?:moment|second|sec|minute)\b|(?:checking|searching|looking)\b"
    ),
    (
        "ich das dazu darüber hierzu davon daran an in leider nichts es hast haben einen moment da"
        " lass habe sage die"
    ): (
        r"ich weiß (?:es |das )?(?:leider )?(?:auch )?(?:noch )?nicht\b"
        r"|(?:daran |an .*)?(?:erinnere? ich mich|kann ich mich|ich kann mich"
        r"|ich erinnere mich)\b.*\bnicht\b"
        r"|(?:(?:dazu|darüber|hierzu) )?(?:ich )?(?:habe?|finde|sehe"
        r"|kenne)(?: ich)?\b.*\b(?:keine?n?|nichts)\b.*"
        r"(?:informationen|infos?|angaben|erinnerung|gedächtnis|speicher|eintr[aä]g|notiz|dazu"
        r"|darüber"
        r"|nichts (?:\w+ )?gefunden)"
        r"|(?:dazu|darüber|hierzu|davon) (?:habe|finde|weiß|gibt|liegen|steht|ist"
        r"|hast du)\b.*\b(?:keine?n?|nichts)\b"
        r"|(?:habe ich )?(?:dazu )?(?:leider )?nichts (?:\w+ )?(?:dazu )?gefunden"
        r"|ich (?:konnte|kann)\b.*\b(?:nichts|keine\w*)\b.*\b(?:dazu|darüber|gedächtnis|speicher"
        r"|finden)$"
        r"|in (?:meinem|deinem|dem) (?:gedächtnis|speicher)\b.*\b(?:nichts|keine\w*)\b"
        r"|(?:sage hat|die suche hat|die suche ergab)\b.*\b(?:nichts|keine\w*)\b"
        r"|es gibt\b.*\b(?:keine?n?|nichts)\b.*(?:eintr[aä]g|erinnerung|information|dazu"
        r"|gedächtnis)"
        r"|das (?:kann|darf) ich\b.*\bnicht\b"
        r"|(?:das )?(?:hast du|haben sie|du hast|sie haben)\b.*\b(?:nicht|nie)\b.*(?:gesagt"
        r"|erzählt|erwähnt)"
        r"|(?:einen )?moment|(?:ich|da) (?:schaue?|sehe) (?:ich )?(?:\w+ )?(?:nach|mal)$"
        r"|ich (?:prüfe|suche) (?:das|danach|es)$"
        r"|lass mich\b"
    ),
    "je j'en n'ai tu vous il laisse-moi laissez-moi aucun aucune la sage": (
        r"je l'ignore|aucune? (?:souvenir|information|trace|mention|résultat)\b"
        r"|je ne dispose (?:pas|d'aucune?)\b"
        r"|(?:la recherche|sage) n'a rien (?:donné|trouvé|retourné)"
        r"|je (?:ne )?(?:sais|connais|me souviens|m'en souviens|me rappelle) (?:pas|plus)\b"
        r"|(?:je )?n'ai (?:rien trouvé|rien)\b|(?:je )?n'ai (?:pas|plus|aucune?|trouvé aucune?"
        r"|pas trouvé)\b.*"
        r"\b(?:information|informations|info|souvenirs?|trace|mention|mémoire|donnée|idée)\b"
        r"|je ne (?:peux|trouve) (?:pas|rien)\b(?:$|.*(?:répondre|dire|mémoire|souvenir|sujet|sur))"
        r"|(?:tu|vous) ne (?:me )?.*\b(?:pas|jamais)\b.*(?:dit|mentionné|parlé)"
        r"|il n'y a (?:rien|aucune?)\b.*(?:mémoire|souvenir|sujet|information)"
        r"|laisse(?:z)?-moi\b|je (?:vais )?(?:vérifie|regarde|cherche)r?(?:$| (?:ça|cela"
        r"|tout de suite)$)"
    ),
    "no nunca déjame voy desconozco la sage": (
        r"desconozco\b|no (?:encontré|encuentro|he encontrado|hay) nada(?:$| (?:al respecto|sobre"
        r"|de|en la memoria)\b)"
        r"|(?:la búsqueda|sage) no (?:devolvió|dio|arrojó|encontró) (?:ningún |nada|resultados?)"
        r"|no (?:lo |me )?(?:sé|recuerdo|acuerdo|consta)\b"
        r"|no (?:tengo|dispongo de|encuentro|encontré|he encontrado|hay|veo)\b.*"
        r"(?:información|datos|registros?|memoria|recuerdo|mención|idea|nada (?:sobre|de))"
        r"|(?:no me lo has|nunca me lo has|no me has) dicho|no puedo (?:responder|ayudar|decir"
        r"|compartir)\b"
        r"|no (?:lo )?has mencionado|déjame\b|voy a (?:comprobar|mirar|buscar)(?:lo)?$"
    ),
    "non não": (
        r"non (?:lo )?(?:so|ricordo)\b|non me l'hai detto"
        r"|non (?:ho|trovo|ho trovato|c'è)\b.*(?:informazion|memoria|idea|traccia)"
        r"|não (?:sei|lembro|me lembro|me disse)\b"
        r"|não (?:tenho|encontrei|há|achei)\b.*(?:informaç|memória|registro|dados)"
    ),
    "я не у нет в ты ничего": (
        r"(?:я )?не (?:знаю|помню|могу (?:ответить|сказать|помочь))\b"
        r"|(?:я )?(?:не нашл[аои]|не наш[её]л|ничего не (?:нашл[аои]|наш[её]л))\b.*(?:памяти"
        r"|об этом|информаци)"
        r"|(?:у меня )?(?:нет|ничего)\b.*(?:информаци|памят|данных|записей)"
        r"|в памяти\b.*(?:нет|ничего|не найден)|ты (?:мне )?(?:этого )?не говорил"
    ),
}


class ByFirst:
    """Forms by the first word of a clause; those of a word are compiled when it is first met."""

    def __init__(self, forms: dict[str, str]) -> None:
        self._forms: dict[str, list[str]] = {}
        for words, form in forms.items():
            for word in words.split():
                self._forms.setdefault(word, []).append(form)
        self._compiled: dict[str, re.Pattern[str]] = {}

    def match(self, word: str, clause: str) -> re.Match[str] | None:
        """Match a clause with the forms of its first word."""
        if word not in self._forms:
            return None
        if word not in self._compiled:
            self._compiled[word] = re.compile("|".join(self._forms[word]))
        return self._compiled[word].match(clause)


VAIN_BY_FIRST = ByFirst(_FORMS)
"""By its first word, what is no answer to a question or a request."""

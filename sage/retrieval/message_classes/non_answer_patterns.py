"""Patterns of clauses that say that there is no answer, and of clauses beside them, in lower case.

Most are looked up by the first word of a clause (`NON_ANSWER_BY_FIRST`) if something was asked;
those of `ALONE` match no answer whatever was said before.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

ASKED = r"(?:who|whom|whose|what|when|where|which|why|how|whether|if)\b"
"""Beginnings of a question within a sentence."""

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
_SAID = (
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
        rf"|i (?:don't|do not) (?:think|believe) (?:you|we)(?:'ve| have)? (?:ever )?{_SAID}"
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
        rf"(?:you|we)(?:'ve| have)? (?:{_NEVER}|not)(?: yet| ever| actually| have)? {_SAID}"
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
    """Patterns by the first word of a clause; those of a word are compiled on first use."""

    def __init__(self, forms: dict[str, str]) -> None:
        self._forms: dict[str, list[str]] = {}
        for words, form in forms.items():
            for word in words.split():
                self._forms.setdefault(word, []).append(form)
        self._compiled: dict[str, re.Pattern[str]] = {}

    def match(self, word: str, clause: str) -> re.Match[str] | None:
        """Match a clause against the patterns of its first word."""
        if word not in self._forms:
            return None
        if word not in self._compiled:
            self._compiled[word] = re.compile("|".join(self._forms[word]))
        return self._compiled[word].match(clause)


NON_ANSWER_BY_FIRST = ByFirst(_FORMS)
"""Clauses, by their first word, that do not answer a question or a request."""

ALONE = re.compile(
    r"(?:"
    r"i (?:really |actually |honestly )?(?:do not|don't)(?: really| actually)? (?:know|remember"
    r"|recall)"
    r"|don't (?:know|remember)|dunno|do not know|i dunno"
    r"|(?:i'm |i am )?not (?:quite |really )?(?:sure|certain|aware)"
    r"|(?:i have |i've got )?(?:absolutely )?no (?:idea|clue)|(?:(?:it|that)(?:'s"
    r"| is) )?unknown(?: to me)?"
    r"|nothing(?: relevant)?(?: was| is)? (?:found|stored)|nothing|beats me|hard to say"
    r"|i (?:can't|cannot) say"
    r"|(?:there (?:are|were) )?no (?:matching |relevant |such )?(?:results?|memories|memory"
    r"|records?|matches)"
    r"|no (?:results?|memories|records?|matches|entries) (?:were |was )?(?:found|available|stored"
    r"|yet)"
    r"|not that i (?:know|remember|recall)|not as far as i (?:know|remember|recall|can (?:see"
    r"|tell))"
    r"|i (?:haven't|have not|was never|wasn't) (?:been )?told|that's not something i (?:know|have"
    r"|remember)"
    r"|i (?:honestly|really|just|actually) have no (?:idea|clue)"
    r"|no (?:entries|hits)|(?:that )?(?:does not|doesn't) ring a bell"
    r"|i have no (?:memory|recollection|record) of"
    r"|(?:das )?weiß ich (?:leider )?(?:auch )?nicht|(?:ich )?weiß (?:es "
    r"|das )?(?:leider )?(?:auch )?nicht"
    r"|(?:ich habe )?keine ahnung(?: davon)?|(?:daran|das) (?:erinnere"
    r"|kann) ich mich (?:leider )?nicht(?: erinnern)?"
    r"|nichts gefunden"
    r"|ich bin (?:mir )?nicht sicher|keine treffer|unbekannt"
    r"|(?:je )?(?:ne )?sais pas|je n'en sais rien|aucune idée|aucun résultat|rien trouvé"
    r"|je ne (?:m'en |me )?souviens (?:pas|plus)|je ne suis pas sûre?"
    r"|no (?:lo )?sé|no tengo (?:ni )?idea|ni idea|no (?:lo )?recuerdo|no me acuerdo|sin resultados"
    r"|no estoy segur[oa]|non (?:lo )?so|non ne ho idea|non (?:me )?lo ricordo|não sei"
    r"|não (?:me )?lembro"
    r"|não faço ideia|(?:я )?не знаю|(?:я )?не помню|понятия не имею|без понятия|ничего не найдено"
    r")(?: (?:that|this|it|yet|offhand|for (?:sure|certain)|either|anymore|about|of|sorry))*+"
)
"""Clauses that are no answer to anything."""

_WORLD = re.compile(
    r"\b(?:code|codebase|tests?|logs?|files?|docs?|documentation|tables?|index(?:es)?|columns?"
    r"|functions?"
    r"|usages?|bugs?|errors?|branch(?:es)?|calls?|callers?|config|query|queries|module|class"
    r"|commits?|device"
    r"|wrong|packages?|tickets?|dateien?|fehler|datei|prueba|fichier)\b"
)
_OF_MEMORY = re.compile(
    r"\b(?:memor(?:y|ies)|conversations?|stored|sage|recall(?:ed)?|told|mentioned|know|remember"
    r"|sure|aware"
    r"|on file|access|idea|gedächtnis|speicher|weiß|mémoire|souvenirs?|memoria|memória|sé|sais"
    r"|памяти|знаю)\b"
)
_FEELS = re.compile(
    r"\b(?:(?:last|first) time|to thank|i'd (?:do|be)|i would (?:do|be)|what to (?:say|do)|anyone"
    r"|anybody"
    r"|without (?:you|her|him|them|it|my|yoga)|how (?:she|he|they|you) (?:does?|manages?)"
    r"|how much (?:i|you)|than|except|besides|apart from)\b"
)


def finds_out(clause: str) -> bool:
    """Return whether such a clause reports a finding, or a feeling.

    The absence of something in code, logs or files is an answer; its absence in the memory is not.
    """
    is_of_memory = _OF_MEMORY.search(clause) is not None
    return _FEELS.search(clause) is not None or (not is_of_memory and bool(_WORLD.search(clause)))


NEUTRAL_FIRST = frozenset(
    """
    i i've i'd i'll point if once when please let feel you could can would do shall should want
    may it that they this otherwise perhaps maybe for memory search with nor neither the relevance
    good as in on at to from by who whom whose what where which why how whether ich wenn falls
    könntest kannst möchtest willst soll wer was wann wo wie ob warum welche welcher j'ai si
    peux-tu pourrais-tu veux-tu pouvez-vous voulez-vous qui que quand où quel quelle he puedes
    podrías quieres quién qué cuándo dónde ho se chi если кто что где когда
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
NEUTRAL = re.compile(
    r"i(?:'ve| have)?(?: just| also)? (?:checked|searched|looked|queried|scanned|gone|asked|tried"
    r"|read|went)\b"
    r"|(?:if|once|when) you\b|please (?:tell|let|share|provide|give)\b|let me know\b|feel free\b"
    r"|you (?:can|could|may|might)\b|(?:could|can|would|do) you\b|(?:shall|should|want|may"
    r"|can) (?:i|me)\b"
    r"|i(?: would|'d) rather not\b|i (?:can't|cannot|can only|can) (?:say|tell|answer|guess|save"
    r"|note|remember"
    r"|look|check|search)\b|i(?:'ll| will) (?:save|remember|note|take it)\b|point me\b|i (?:do not"
    r"|don't) want to guess\b"
    r"|(?:it|that|they|this) (?:may|might|could|only)\b|otherwise\b|perhaps\b|maybe\b|for next time"
    r"|the (?:repo|repository|docs|code|project|files?|notes|logs?|codebase) (?:has|have"
    r"|contains?|holds?|says?"
    r"|mentions?|does(?:n't| not))\b.*(?:\b(?:no|nothing|not|mention)\b|n't)"
    r"|(?:memory )?search$|with no\b|nor\b|neither\b|relevance\b|good question|as far as i\b"
    r"|in (?:our|my|any|the) (?:earlier |previous |past )?(?:conversations?|memory|sessions)"
    r"|ich habe\b.*\b(?:gesucht|nachgesehen|geschaut)|wenn du\b|falls\b|(?:könntest|kannst"
    r"|möchtest|willst) du\b"
    r"|soll ich\b|j'ai (?:cherché|regardé|vérifié)\b|si (?:tu|vous|quieres|me)\b|(?:peux|pourrais"
    r"|veux)-tu\b"
    r"|(?:pouvez|voulez)-vous\b|he (?:buscado|mirado|consultado)\b|(?:puedes|podrías|quieres)\b"
    r"|ho (?:cercato|controllato)\b|se (?:vuoi|quiser)\b|если\b"
    rf"|(?:(?:in|on|at|to|for|from|with|by) )?{ASKED}"
    r"|(?:wer|was|wann|wo|wie|ob|warum|welche\w?|qui|que|quand|où|quel\w*|quién|qué|cuándo|dónde"
    r"|chi|кто|что|где"
    r"|когда)\b"
)
"""Neutral clauses beside one without an answer: an offer, a searched place, the question again."""

LEAD_FIRST = frozenset(
    """
    i i'm sorry unfortunately hmm hmmm well actually honestly good apologies it as no so but and at
    currently right understood noted ok okay es tut leider aber désolé désolée je malheureusement
    mais lo desgraciadamente pero mi purtroppo ma desculpe infelizmente mas к извините простите но
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
LEAD = re.compile(
    r"\A(?:(?:(?:i'm |i am |i do )?(?:very |so |really )?(?:sorry|afraid|apologi[sz]e)"
    r"|unfortunately|hmm+|well"
    r"|actually|honestly|good question|apologies|as far as i (?:can (?:see|tell)|know|remember"
    r"|recall)|it seems|it looks like|it appears|i think|no$|so"
    r"|but|and"
    r"|as an ai(?: \w+){0,2}|at the moment|currently|right now|understood|noted|ok(?:ay)?"
    r"|(?:es )?tut mir (?:sehr )?leid|leider|aber|(?:je suis )?désolée?|malheureusement|mais"
    r"|lo siento(?: mucho)?|desgraciadamente|pero|mi dispiace|purtroppo|ma|desculpe|infelizmente"
    r"|mas"
    r"|к сожалению|извините|простите|но)\b(?: (?:but|that|about that|aber|mais|que|pero|ma"
    r"|mas)\b)?\s*)+"
)
"""Introductions of answers and non-answers alike."""

UNSPACED_ALONE = re.compile(
    r"(?:对不起|抱歉|不好意思|很抱歉)?[，,。]?(?:这个)?(?:我)?(?:也|真|真的|还)?"
    r"(?:不知道|不清楚|不太清楚|不记得了?|想不起来了?|不确定|不晓得|说不准|说不好)(?:呢"
    r"|啊)?[。.!！]?"
    r"|(?:未|没有?)(?:找到|查到)(?:任何)?(?:相关)?(?:的)?(?:记忆|结果|记录|内容)?[。.!！]?"
    r"|(?:稍等[，,]?)?(?:让我|我先|我去)(?:查|找|看)(?:一下|查|找|看)[。.!！]?"
    r"|(?:すみません[、。]?)?(?:わかりません|分かりません|知りません|覚えていません)[。]?"
    r"|(?:잘 )?모르겠(?:습니다|어요)[.]?|몰라요?[.]?"
)
UNSPACED_NON_ANSWER = re.compile(
    r"不(?:太|是很)?(?:知道|清楚|晓得|了解)|不太?确定|不记得|记不(?:清|得|起)|想不起|不确定"
    r"|说不(?:准"
    r"|好|上来)"
    r"|答不上来"
    r"|不便(?:透露|提供)|不能(?:提供|告诉|回答)|帮不上忙|没法(?:告诉|回答|确定|提供)|^我?得先?查"
    r"|查无此|哪[里儿]?都没"
    r"|无法(?:回答|作答|提供|确定|得知|查到|告诉|判断|访问)"
    r"|(?:没有?(?:能)?(?:找到|查到|搜到|检索到)|^(?:我|sage|搜索|查询|检索|工具|记忆库?|也|都|并"
    r"|里面)*没有?(?:返回|存储|保存))"
    r"(?:.*(?:记忆|记录|信息|内容|相关|结果|资料))?$"
    r"|没有(?:任何|相关|关于|这方面|与).*(?:记忆|记录|信息|内容|资料|数据|说明)"
    r"|没有.*(?:的信息|记录|记忆|相关内容|相关信息)$|没有?(?:讨论|聊|谈|提到|说)过(?:[这此它]"
    r"|相关|$)"
    r"|^(?:里面|其中|之前|以前|此前)?[并都]?没有?(?:提到|提过|说过|提及)过?$"
    r"|(?:你|您)(?:之前|好像)?(?:还)?(?:没有?|未曾?)(?:告诉|跟我|和我|对我|提过|提到|说过)"
    r"|(?:记忆|记录)(?:里|中|库)?(?:并?没有|为空|找不到|查不到)|^没有(?:任何)?结果$"
    r"|(?:结果|查询)(?:结果)?为空|未找到|未查到|找不到(?:相关|任何|关于|.*(?:答案|记录|信息))"
    r"|查不到"
    r"|(?:暂无|(?:暂时|目前)没有(?!.*[在人用过了]))|none"
    r"|^(?:我|让我)?[先去]?(?:帮你)?(?:查|看|找|搜)(?:一查|一下|一看|看|找|查)(?:再说|再告诉你)?$"
    r"|わかりません|分かりません|知りません|覚えていません|見つかりません|存じません"
    r"|記憶.*(?:ありません|ございません|ない)|情報.*(?:ません|ない)"
    r"|모르겠|몰라|기억.*(?:없|않|안 나)|찾을 수 없|정보.*없|관련.*없"
)
UNSPACED_NEUTRAL = re.compile(
    r"(?:很|非常|十分|真)?(?:抱歉|对不起|不好意思|遗憾)|稍等|据我所知|缺少.*|信息不足"
    r"|我?(?:在.*[中里])?也?(?:查看|搜索|查找|查询|检索|查|找|搜|翻|看)(?:了|过).*"
    r"|(?:你|您)(?:可以|能|可否|能否|愿意).*|(?:如果|若|要是|需要).*|我(?:可以)?帮(?:你|您)记.*"
    r"|(?:请|麻烦).*(?:告诉|提供).*|所以.*(?:无法|不能|没法).*|我再.*|能(?:再|不能|否).*|(?:你"
    r"|您)告诉我.*"
    r"|すみません.*|申し訳.*|ごめん.*|죄송.*|\(?relevance|好的|目前|暂时|잘"
)

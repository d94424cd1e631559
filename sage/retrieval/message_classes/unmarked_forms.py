"""How sentences begin that ask without a question mark.

Who leaves out "I" or "it" begins a statement as questions begin ("was the wrong key", "did it
yesterday"), so an article or a noun after the verb asks only where a predicate follows.
"""

from __future__ import annotations

import re

from sage.retrieval.message_classes.question_forms import AUXILIARY, SUBJECT

UNMARKED_FIRST = frozenset(
    """
    who what where when how why which whose who's what's where's when's how's why's whos whats
    wheres whens hows whys in on at to for from by with of about since until under over is
    are was were does did has do have had can could should would will shall isn't aren't wasn't
    weren't doesn't didn't haven't hasn't i i'd any
    wer was wann wo warum wieso weshalb wie wieviel wohin woher welcher welche welches welchen
    welchem auf mit von bei zu an für aus seit bis hast habt haben kann kannst könnt
    können weißt kennst muss soll sollen darf gibt gilt läuft geht kostet ist sind hat
    sur dans à pour avec depuis par chez qui quel quelle quels quelles où comment pourquoi
    combien c'est est-ce qu'est-ce quand tu
    qué quién quiénes cuál cuáles cuándo dónde cómo cuánto cuánta cuántos cuántas por en de a
    chi dove perché quale quali quanto quanta quanti quante cosa quando come
    onde quem qual quais quantos quantas como
    кто где когда почему зачем сколько какой какая какое какие куда откуда чей как
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_SOMEBODY = r"(?:i|we|you|they|he|she|anyone|anybody|someone|somebody|everyone)\b"
_IT = r"(?:it|this(?! (?:morning|week|month|year|evening)\b)|that|these|those)\b"
_THE = r"(?:the|my|our|your|his|her|their|its|this|that|these|those)\b"
_PREDICATE = (
    r"(?: [\w-]+){1,6}? (?:(?:still|already|also|really|even|just|fully|all) [\w-]+|ok|okay|done|up"
    r"|down|ready|open|closed|green|red|online|offline|true|safe|off|free|live|necessary|possible"
    r"|available|enough|correct|public|empty|full|big|slow|fast|finished|broken|stable|able|worth"
    r"|supposed|allowed|needed|\w{2,}ing|\w{3,}[ai]ble|compatible|different|idempotent|optional"
    r"|part of|behind)\b"
)
_ADVERB = (
    r"(?:yesterday|already|again|twice|with|for|by|on|at|in|myself|manually|today|now|too|last|this"
    r"|before|via|from|first|and|anyway|once|alone|instead)\b"
)
_LEFT_OUT = (
    rf"(?:nothing|everything|all|some|not|no|so|more|less|well|fine|\w+ing|{_ADVERB}|to|been|just"
    r"|never|only|also|since|a|an|the|my|our|it|that|this|yoga|great|good|ok|two|three)\b"
)
_FRENCH_BEFORE = r"(?:sur|dans|à|pour|avec|depuis|par|chez|de|en)"
UNMARKED = re.compile(
    rf"(?:who|what|where|when|how|why)(?:'?s| {AUXILIARY})\b(?! (?:rest|hell|heck|matters)\b)"
    r"|(?:(?:in|on|at|to|for|from) )?how (?:many|much|long|often|old|tall|big|far|fast|late|early"
    r"|deep|large|soon)"
    rf"(?: (?!{SUBJECT})[\w-]+){{0,4}}? {AUXILIARY}\b(?! (?:clear|open|unclear|fine|known)\b)"
    r"|what (?:happens|changes|breaks) (?:if|when|to|with)\b|which [\w-]+ (?:for|of) (?:the|my)\b"
    r"|how (?:do|does|did|can|should) |how (?:hard|easy|safe|formal|big|bad|close) (?:is|are|was)\b"
    r"|who (?:did|has)\b"
    r"|(?:what|how) about\b|how come\b|how to \w+|what else\b"
    rf"|(?:is|are|was|were|does|do|have|had|can|could|should|would|will|shall) {_SOMEBODY}"
    rf"|(?:can|could|should|would|will|shall|does) (?:{_IT}|{_THE})"
    rf"|(?:is|was) it\b|(?:is|are|was|were) there (?:an?|any|no|some\w*|still|more|another"
    r"|already an?|other)\b"
    rf"|(?:is|are|was|were) (?:{_IT}|{_THE}){_PREDICATE}"
    rf"|(?:did|has) (?:{_SOMEBODY}|{_IT}(?! {_ADVERB}|$))"
    rf"|did {_THE}(?: [\w-]+){{1,3}}? (?:work|help|finish|pass|fail|start|run|arrive|change|go|come"
    r"|get|say|break|land|move|end)\b"
    r"|(?:isn't|aren't|wasn't|weren't|doesn't|didn't|haven't|hasn't)"
    r" (?:it|there|he|she|we|you|they|i)\b"
    rf"|(?:does|did) (?!{_LEFT_OUT})[\w-]+ (?!{_ADVERB})[a-z]\w*"
    rf"|has (?!{_LEFT_OUT}|\w+ed\b)[\w-]+ (?:\w+ed|been|gone|left|said|come|got|done|made|paid|sent"
    r"|begun|started)\b"
    r"|(?:i wonder|i was wondering|i(?:'d| would) like to know|i want to know|do you know"
    r"|can you remember|can you tell|could you tell|any idea|any news|any update|any chance)\b"
    r"|(?:wer|was|wann|wo|warum|wieso|weshalb|wie|wohin|woher)"
    r" (?:ist|sind|war|waren|hat|haben|hatte|hieß|heißt|wird|werden|kann|kannst|können|muss|soll"
    r"|liegt|läuft|geht|kommt|kostet|macht|gibt|lange|viele?|oft|groß|alt|weit|hoch|steht|stehen"
    r"|wurde|wurden"
    r"|darf|sollen|nennt|funktioniert|fängt|beginnt|endet|wohnt|arbeitet|hast|habt|bist)\b"
    r"|(?:(?:auf|in|mit|von|bei|zu|an|für|aus|seit|bis) )?welche[rsnm]? \w+|wieviel \w+"
    r"|wer \w+t (?:(?:den|die|das|dem|unsere\w*) )?(?-i:[A-ZÄÖÜ])\w+$"
    r"|was für (?:ein\w* )?\w+ \w+"
    r"|(?:hast|habt|haben|kann|kannst|könnt|können|weißt|kennst|muss|soll|sollen|darf|gibt|ist"
    r"|sind|hat) (?:du|ihr|wir|ich|es|er|sie|man|jemand)\b"
    r"|(?:gilt|läuft|geht|kostet|kann|muss|soll|darf) (?:das|der|die) \w+"
    rf"|(?:{_FRENCH_BEFORE} )?quel(?:le)?s? \w+ (?:est|a|sont|ont|faut)\b"
    rf"|{_FRENCH_BEFORE} quel(?:le)?s? \w+ \w+"
    r"|quel(?:le)?s? (?!que |belles? |beaux? |bel |bon(?:ne)?s? |drôle |chance )(?:\w+ )?\w+"
    rf" (?!{_FRENCH_BEFORE} |(?:et|que|qui|dont) )\w+"
    r" (?:(?:le|la|les|du|des|au|aux|un|une|ce|cette|ces|notre|nos|votre|vos)\b|l')"
    r"|qui \w+ (?:(?:le|la|les|notre|nos|votre|vos|un|une) |l')[\w-]+(?: de [\w-]+)?$"
    r"|(?:quel(?:le)?s? (?:est|sont)|comment|pourquoi(?! pas)|combien) \w+"
    r"|qui (?:est|a|sont|fait|va|peut|gère|s'occupe|doit)\b|où (?:est|sont|en est|se)\b"
    r"|c'est quoi\b|est-ce qu|qu'est-ce|tu sais (?:si|où|quand|qui|comment)\b"
    r"|quand (?:est|part|sort|arrive|commence|finit|a|ont|sera)\b"
    r"|(?:(?:en|de|a) )?(?:qué|quién(?:es)?|cuál(?:es)?|cuándo|dónde|cómo|cuánt[oa]s?|por qué) \w+"
    r"|(?:chi|dove|perché|quale|quali|quant[oaie]|cosa) (?:è|sono|ha|hai|si|devo|fa|costa|\w+"
    r" (?:è|ha|sono))\b"
    r"|(?:quando|come) (?:è|arriva|si|parte|inizia|posso|é|faço|chega|começa)\b"
    r"|(?:onde|quem|qual|quais|por que) \w+|como (?:faço|posso|funciona|está|é|eu)\b"
    r"|(?:кто|где|когда|почему|зачем|сколько|какой|какая|какое|какие|куда|откуда|чей|как) \w+",
    re.IGNORECASE,
)
"""How a sentence without a question mark begins if it asks."""

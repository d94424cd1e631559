"""How questions begin and end in several languages, with and without a question mark.

A statement that omits "I" or "it" begins like a question ("was the wrong key", "did it yesterday"),
so without a mark an article or a noun after the verb makes a question only if a predicate follows.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

AUXILIARY = (
    r"(?:is|are|was|were|am|do|does|did|have|has|had|can|could|should|shall|would|will|may|might"
    r"|must)"
    r"(?:n't)?"
)
SUBJECT = (
    r"(?:i|we|you|they|he|she|it|the|a|an|this|that|these|those|there|any|anyone|anybody|anything"
    r"|someone|somebody|everyone|my|our|your|his|her|their|its)\b"
)

MARKED = re.compile(
    r"(?:who|whom|whose|what|which|when|where|why|how)(?:'?s|'re)?\b"
    r"|(?:in|on|at|to|for|from|by|with|of|about|since|until|after|before|through|under|over|via|into"
    r"|within"
    r"|between) (?:who|whom|whose|what|which|when"
    r"|where|how)\b"
    r"|i (?:want|need|have|would like) to (?:query|know|find|look up|check"
    r"|see) [^,]{1,60}, (?:which|what"
    r"|where|who|how|when)\b"
    rf"|{AUXILIARY}\b|(?:any|anything|anyone|anybody) |(?:really|seriously|right|no|yes|huh"
    rf"|pardon)\W*$"
    r"|(?:wer|was|wann|wo|warum|wieso|weshalb|wie|wohin|woher|welche[rsnm]?|wessen|wem|wen"
    r"|wieviele?)\b"
    r"|(?:in|an|auf|mit|von|zu|für|bei|aus|seit|bis) (?:welche[rsnm]?|wem|wen|wann|wo)\b"
    r"|\w+st du\b|(?:en|de|dans|sur|à|par|pour|depuis|avec) quel(?:le)?s?\b"
    r"|(?:hast|habt|haben|habe|hat|ist|sind|war|bist|gibt|kann|kannst|könnt|können|könntest|weißt"
    r"|wisst"
    r"|kennst|muss|müssen|soll|sollen|sollte|darf|wird|werden|läuft|geht|braucht|brauchen) "
    r"|(?:qui|que|quoi|quel(?:le)?s?|où|quand|comment|pourquoi|combien|est-ce|lequel|laquelle)\b"
    r"|qu'"
    r"|(?:c'est quoi|à qui|à quel(?:le)?|de quoi|sur quel(?:le)?|dans quel(?:le)?|depuis quand)\b"
    r"|\w+-(?:tu|vous|t-il|t-elle|t-on|il|elle|on|ils|elles)\b|t'as |tu "
    r"|¿|(?:qué|quién(?:es)?|cuál(?:es)?|cuándo|dónde|cómo|cuánt[oa]s?|por qué|a qué|en qué"
    r"|de qué)\b"
    r"|(?:chi|che|cosa|quando|dove|dov'è|come|com'è|perché|quale|quali|quant[oaie]|qual è)\b"
    r"|(?:onde|quando|como|quem|qual|quais|quant[oa]s?|por que|o que)\b"
    r"|(?:кто|что|где|когда|почему|зачем|сколько|как|какой|какая|какое|какие|каком|куда|откуда"
    r"|чей|чья"
    r"|на каком|в каком|у кого|разве|ли)\b",
    re.IGNORECASE,
)
"""Beginnings of sentences with a question mark that certainly ask."""

STATES = re.compile(
    r"\bremember (?:when|how|that)\b|\bguess (?:what|who)\b|\bdid you (?:know|hear that)\b"
    r"|\b(?:have|did) i (?:ever )?(?:tell|told|mention(?:ed)?)(?: you)? (?:that|i|my \w+ (?:is"
    r"|was|has))\b"
    r"|\b(?:can|would) you believe\b|\bdo you know that\b"
    r"|[,;—–]\s+(?:(?:and |as |because |since |but )?(?:i|we|my|our|it|he|she|they|there|the \w+)"
    r"(?:'(?:s|m|ve|re|d|ll)\b| (?:is|are|was|were|has|have|had|will|need|want|use|think|am)\b)"
    r"|weil |denn |car |parce que |porque |потому )|\bjust me\b",
    re.IGNORECASE,
)
"""Phrases of a sentence that states something in addition to its question."""

ASKED = re.compile(r"\b(?:which|what|who|whom|whose|where|when|why|how)\b", re.IGNORECASE)
FORGOTTEN = re.compile(
    r"i (?:(?:have )?forgot(?:ten)?|forget|(?:can't|cannot|don't|do not) remember|keep forgetting)"
    r" (?:which|what|where|who|whose|when|how (?:many|often|long|to)) [^,.;:\d]{2,80}\??$"
    r"|i (?:forgot|forget|need|lost|blanked on|(?:can't|cannot|don't|do not"
    r"|can no longer) (?:remember|recall"
    r"|find)|am looking for|keep forgetting) (?:the|our|my) (?:[\w-]+ )?(?:name|number|address"
    r"|date|phrase|port"
    r"|folder|directory|path|link|url|version|value|title|command|spelling|wording)s? (?:of|for"
    r"|from|in|at|on)\b"
    r"[^,.;:\d]*(?:[.?]|, (?:which|what|where|when|who|how)\b[^,.;:\d]*[?])?$",
    re.IGNORECASE,
)
"""Phrases for something forgotten, which ask for it."""

TAG = re.compile(
    r",\s*(?:right|correct|yes|no|eh|ok|okay|true|and you|as well|too|please|exactly|again|then"
    r"|though"
    rf"|{AUXILIARY} (?:i|we|you|he|she|it|they|there)|oder|nicht wahr|gell|ja|stimmt's|n'est-ce pas"
    rf"|non|si"
    r"|verdad|no es así|vero|não é|né|да|верно)\W*$",
    re.IGNORECASE,
)
FIRST_PERSON = re.compile(
    r"(?:i|i'm|i've|i'd|i'll|we|we're|we've|my|our|ich|wir|mein\w*|unser\w*|je|j'\w*|nous|mon|ma"
    r"|mes|notre"
    r"|yo|mi|mis|nosotros|nuestr\w+|io|noi|mio|mia|eu|nós|meu|minha|я|мы|мой|моя|наш\w*|given"
    r"|since|if"
    r"|because|as|when|while|now|after|before|although|wenn|da|weil|si|comme|как|если|let|let's)\b",
    re.IGNORECASE,
)
"""Beginnings of a sentence about the speaker, or of a condition."""

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
"""Beginnings of sentences without a question mark that ask."""

_HAN_ASKING = (
    r"什么|怎么|怎样|如何|为什么|为何|哪|谁|多少|多快|多重|多宽|是不是|有没有|能不能|会不会|要不要"
    r"|可不可以|行不行|对不对|好不好|是否|能否|可否|啥|咋|难道|何时|何处|不是.{1,20}吗"
)
_HAN_MEASURES = r"(?:点|号|岁|楼|位|次|天|月|时|个|种|秒|分|小时|块|元|米|斤|页|行|兆|张|台|章|$)"
HAN_ASKS = re.compile(
    rf"{_HAN_ASKING}|多[久长大高远]|(?<![十好])几{_HAN_MEASURES}"
    r"|(?:吗|呢|么|没有|吧)[?？。]?$|[?？]"
)
HAN_UNMARKED = re.compile(
    rf"{_HAN_ASKING}|(?<![没不差这那])多[久长大高远]|共有几"
    rf"|(?<![十好过等前后近这那没每有])几{_HAN_MEASURES}[^，,。]{{0,3}}$"
    r"|(?:吗|么)$|(?<!着)呢$|[做测修弄改发装跑用去到好完过了]了?没有?$|觉得.*还是"
)
"""Statements may contain question words in the middle, too: 还有几台没迁, 没多大区别."""
HAN_STATES = re.compile(
    r"多少[给也有]|多少[给也有]|都|也|无论|不管|不论|随便|任何|写[了着过]|说(?:了|过|他|她)|问(?:了"
    r"|过)(?!什么|哪|啥)|[他她]告诉"
    r"|不知道|不清楚"
    r"|不记得|怎么说呢|什么的"
    r"|(?:我|他|她|我们|终于)(?:已经)?(?:知道|明白|懂|学会|发现|搞清|弄清)|没[什啥]|不怎么|^因为"
    r"|。$|！$|好几"
    r"|哪怕|谁知|几乎|(谁|哪|什么|怎么|多少|几).+\1|[他她].{0,3}问|哪天.*(?:一起|再)|(?:再说|再定"
    r"|再看)"
    r"|让我问|(?:见|写在|看)(?:文档|合同|周|灯|[A-Za-z])|(?:检查|确认|判断|决定).{0,8}是否|取决于|就知道"
    r"|[你您]定$|再通知|(?<![想])(?:要|记得|必须)(?:先)?确认"
    r"|(?:怎么|如何|为什么|为何|什么时候|哪).*(?:写在|见|的事)"
)
HAN_ASKED_LATE = re.compile(r"是不是|有没有|(?:怎么|几点|几岁|多少|几次|怎么样|什么)了[?？]?$")
HAN_FORGOTTEN = re.compile(r"[^，,。\d]{2,24}我?(?:一下子)?(?:忘|记不清|想不起来)了[。]?")
HAN_FILLER = re.compile(
    r".{1,12}的话|请问|嗨|哈喽|早上好|晚上好|那么?|所以|你好|您好|嗯|对了|好的?|谢谢|不好意思"
    r"|麻烦问一下"
    r"|问一下|话说|另外|还有|我?(?:有点|一下子)?(?:记不清|忘记?|想不起来?|记不得|不记得)了?"
    r"|帮我(?:想想|回忆一下)|想(?!起).{2,20}"
    r"|.{2,20}我(?:一下子)?(?:忘|记不清|想不起来?)了?|我?[想要](?:要)?(?:查|找|知道|问|了解|看).*"
)
KANA_HANGUL_ASKS = re.compile(
    r"(?:です|ます|でした|ました|ません|でしょう)か[。]?$|(?:っけ|かな)[。]?$"
    r"|(?:誰|何|どこ|いつ|どれ|どの[^、。かもにを]{1,6})[がをでにはへ][^、。かも]{1,16}[るうくすつむぶた]$"
    r"|は(?:どこ|誰|いつ|いくつ|いくら|何\w?)$"
    r"|(?:무엇|뭐|어디|언제|누구|누가|몇|왜|어떻게|어느|어떤|무슨).*(?:요|까|니|나|지|야)$"
)

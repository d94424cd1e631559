"""Find the rules that people set in English for how an assistant behaves, in their own short ways.

"less jargon pls", "ask before installing anything", "two options max": orders, phrases without a
verb, and what somebody says of himself. Every word has to fit any work, but for one that names
nothing; an order counts only if it is one that lasts.
"""

from __future__ import annotations

import re

from sage.retrieval import manners
from sage.retrieval.norms import sets_a_norm
from sage.retrieval.words import stem_of
from sage.retrieval.working_manners import GENERAL

_MANNERS = """
    jargon bullets bullet points emoji emojis dash dashes hyphens disclaimers disclaimer caveats
    pleasantries preamble preambles intro intros outro filler fluff smalltalk compliments flattery
    praise apologies marketing buzzwords summary summaries recap recaps headings headlines tables
    diagrams examples sources citations links footnotes options alternatives trade-off tradeoff
    trade-offs tradeoffs jokes sarcasm slang abbreviations acronyms italics bold caps capitals
    exclamation exclamations marks quotes metric imperial celsius fahrenheit euros dollars pounds
    grams kilos kilometres kilometers km clock units currency tabs spaces snippets diff diffs
    commits chunks steps sentences paragraphs words answers replies explanations questions
    spelling grammar typos essays walls text wall formatting markdown prose tldr lecture lectures
    monologues hedging superlatives adjectives paraphrase bluntness honesty feedback reassurance
"""
_BEHAVING = """
    sugarcoat sugar-coat apologize apologise apologizing apologising guess guessing restate
    restating ramble rambling flatter hedge hedging paraphrase paraphrasing summarize summarise
    summarizing summarising hallucinate invent inventing over-explain overexplain interrupt
    repeating patronize patronise moralize moralise waffle speculate speculating stall improvise
    improvising editorialize
"""
_COMMON = """
    install installing linter lint formatter browser terminal window tool tools web page pages
    manual man docs source spec edit edits topic topics screen phone tiny small reading dyslexic
    beginner newbie learner colour color blind deaf lost confused confusing confuses creepy
    annoying annoys tired colleague friend human teacher child kid five year old native speaker
    fluent learning learn switch switches worded harsh harsher tough tougher gentle gentler strict
    stricter kind kinder warm warmer dry drier formal polite nice soft softer blunt blunter honest
    frank straight plain plainer simple simpler full raw exact shorter tight tighter compact
    max maximum min minimum top bottom end ends start beginning favourite favorite best
    recommendation pick choice default headline go ahead ok okay yes no maybe approval approved
    sign sign-off say-so word permission consent name names title first last half most
    mornings morning evening evenings slow slowly slower fast faster easy easier hard harder
    helps help means ship ships commit branch push pr prs pull request file files code line lines
    chars characters flag flags date dates time times number numbered page figures numbers prices
    amounts money distances temperatures weights measures language languages switch mix mixed
    mistake mistakes error errors message output fail fails failing failed work works working
    silently loudly quietly workaround workarounds hack hacks assumption assumptions truth stuff
    things thing something anything nothing everything person people folks
    restate question explain explaining like im newest again sure percent chance certain
    less fewer more than enough fine great good wont dont never always ever please pls plz thanks
    ill id ive youre theres thats cant wanna gonna lemme gimme bit every each everywhere whenever
    unless until per rather instead without within under over above below way style tone voice
    prefer reply answer talk speak tell show ask give use write list put paste keep stick drop
    hour hours btw passed nice great cool helpful
    skip avoid stop cut spare leave cite mention number correct check double-check verify run
    test tests read look confirm wait think plan change changing touch touching delete deleting
    rename renaming open opening refer reference state claim suggest propose assume
    back up down in out on off to at by for of with from as and or but not just only
"""
_MANNER_WORDS = frozenset(_MANNERS.split()) | manners.MANNERS
_CONDUCT_WORDS = frozenset(_BEHAVING.split())
_KNOWN = (GENERAL | _MANNER_WORDS | _CONDUCT_WORDS).union(_COMMON.split(), manners.LANGUAGES)
_STEMS = frozenset(map(stem_of, _KNOWN))
_UNKNOWN_OF_A_NORM = 2
_UNKNOWN_OF = 6
"""Of so many words one may be unknown."""
_OF_WORK = (manners.OF_A_PROJECT | manners.OTHERS) | frozenset(
    """
    variable variables messages readme changelog docstring docstrings comments module modules
    function functions class classes method methods email emails mail mails letter letters report
    reports blog article articles post posts config configuration script scripts log logs query
    queries ticket tickets issue issues folder folders translation translations label labels
    parser test-suite deployment build builds library framework server invoice invoices
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

_TO_ME = re.compile(r"\b(?:me|my|you|your|yourself|answers?|explain\w*|diffs?|commits?)\b")
"""Says that a rule is about the two who talk."""
_NO_WORD = re.compile(r"[^\w\s,-]")
_FEW = 8
_LEAD = re.compile(
    r"\A(?:(?:please|pls|plz|btw|by the way|also|and|so|ok|okay|oh|hey|ground rules?|in general"
    r"|general(?:ly)?|as a rule|one more thing|next time|in (?:the )?future|from (?:now|here) on"
    r"|going forward|seriously|remember to|make sure (?:to|you|that you)|try to|be sure to"
    r"|(?:can|could|would|will) you(?: please| maybe)?|you (?:should|must|need to|have to)"
    r"|i(?:d| would) (?:like|want) you to|i (?:want|need) you to|i(?:d| would)? (?:rather|prefer)"
    r" (?:have |that )?you|would you mind)[\s,.:]+)+"
)
_TAIL = re.compile(r"(?:[\s,]+(?:please|pls|plz|thanks|thx|ok|okay|btw))+$")
_ALWAYS = re.compile(
    r"\b(?:next time|in (?:the )?future|from (?:now|here) on|going forward|in general|as a rule"
    r"|generally)\b"
)
_LASTS = re.compile(
    r"\b(?:anything|always|ever|never|whenever|everywhere|by default|(?:each|every) time|as a rule"
    r"|(?:after|before|with) (?:each|every))\b"
    r"|\b(?:when|if|unless|until|where) i (?:ask|say|tell|write|type|speak|switch|slip|want|make)\b"
    r"|\b(?:when|if) (?:theres|there is) a\b|\bif (?:youre|you are|in) (?:not|un|less|in doubt)"
    r"|\bif unsure\b|\bwhen (?:something|things|you (?:explain|show|create|suggest|cite|refer|write"
    r"|quote|propose|list|compare|change|add|mention|recommend|paste|talk|answer))\b"
    r"|\bbefore (?:you )?(?:\w+ing |state|say|claim|change|touch|delete|commit|push|install|open"
    r"|rename)\b|\bafter (?:each|every|you change|changing)\b|\bwithout (?:my|asking)\b"
)
_ONCE = re.compile(
    r"\b(?:this|these|those|today|tonight|tomorrow|now|yet|here|above|below|current|currently|again"
    r"|when (?:its|it is|youre|you are|im|i am|were)\b(?! (?:not |un)sure)|yesterday|done"
    r"|finished|monday|friday|week|it works|it fails|in the end)\b|\bthe (?!top|end|start"
    r"|beginning|bottom|point|why|trade|question|code|steps?$|raw|answer"
    r"|conclusion|man page|docs|source|linter|formatter|tests|risks?|reason|recommendation|command"
    r"|bad news|headline|metric system|time$|pleasantries|jargon|small ?talk|fluff|preamble|intro"
    r"|recap"
    r"|praise|compliments|flattery|apologies|apologizing|apologising|emojis|bullet|lectures?)\w*"
)
_ACT = (
    r"(?:tell|show|ask|give|explain|paste|run|use|write|answer|reply|respond|talk|speak|say|list"
    r"|number|cite|quote|mention|keep|put|start|begin|end|commit|push|branch|check|verify|test"
    r"|correct|warn|confirm|read|leave|do|dont|stick|name|fail|double-check|wait|plan|state|be"
    r"|treat|always|never|only|prefer|format|mark|include|lint)"
)
_ORDER = re.compile(
    rf"(?:always |never |only |just )?{_ACT}\b|.*, (?:only )?{_ACT}\b"
    rf"|(?:when|if|whenever|before|after|unless)\b.* {_ACT} "
)
_NO_CONDUCT = re.compile(
    r"(?:dont|do not|never|no need to|stop|avoid|quit|no|skip|enough)(?: ever| the| all the| with"
    r"| with the)?"
    r" (?:\w+ly )?(?:sugar-?coat(?:ing)?|apologi[sz](?:e|ing)|guess(?:ing)?(?! that| the)"
    r"|restat(?:e"
    r"|ing)|repeat(?:ing)? (?:my|yourself|the question)|rambl(?:e|ing)|flatter(?:ing)?|hedg(?:e"
    r"|ing)"
    r"|paraphras(?:e|ing)|over-?explain(?:ing)?|mak(?:e|ing) (?:things|stuff) up|hallucinat(?:e"
    r"|ing)"
    r"|speculat(?:e|ing)|lectur(?:e|ing)|interrupt(?:ing)?|improvis(?:e|ing)|talk down|hold back"
    r"|summari[sz](?:e|ing)(?! (?:the|it|this))|be (?:so |too )?(?:polite|nice|formal|gentle|soft)"
    r"|(?:touch|change|do|install|run|commit|push|delete|rename|open)(?:ing)? (?:anything|things"
    r"|a browser|files)|us(?:e|ing) my name)\b"
)
_NO_MANNER = re.compile(
    r"(?:no|no more|without|less|fewer|skip|drop|avoid|cut|stop (?:using|with)|spare me|leave out"
    r"|lose|dont (?:use|add|put|include|give me|want|need)|do not (?:use|add|want)|never (?:use"
    r"|add)"
    r"|i (?:dont|do not) (?:want|need|like)|i hate|stop)"
    r"(?: (?:any|the|your|all|those|more|em|so many|too many|exclamation|marketing|bullet|big|long"
    r"|empty|of|walls|lots|much|around|all the|with))*"
    r" ([\w-]+)"
)
_PHRASE = re.compile(
    r"(?:(?:only|just|small|short|shorter|plain|simple|full|raw|exact|complete|single|one|two|three"
    r"|max|at most|metric|british|american|24 hour|12 hour|tables?|dates?|summaries|summary"
    r"|conclusions?"
    r"|answers?|sentences?|words|tests?|examples?|code|steps?|sources?|commits?|tabs|uppercase"
    r"|lowercase|big"
    r"|large|spaces|amounts"
    r"|prices|numbers|options?|questions?|headings|diffs|errors|links|caveats|bad news) )"
    r"(?!(?:is|are|was|were|has|have|had|in|on|at|for|of|to|by|from) )"
)
_PHRASES = re.compile(
    r"tests? first, (?:then )?code|explain (?:it |things )?(?:to me )?like im\b|use (?:my name"
    r"|emojis|jargon|bullets?) less\b|(?:1?2"
    r"|24) hour clock"
    r"|.* so (?:keep|use|give|no|plain|short|please)\b.*(?:lines|chars|words|headings|simple|short)"
)
_PHRASE_MARK = re.compile(
    r"\b(?:max|at most|only|please|pls|first|second|each|everywhere|at a time|at the (?:top|end"
    r"|start)|always|no|not|instead|over|units|preferred|better|is enough|are enough|will do"
    r"|one at a time|is fine|good)\b"
)
_OF_ME = re.compile(
    r"i(?:m| am) (?:a |an )?(?:dyslexic|colou?r ?blind|beginner|new to|still learning|not a native"
    r"|a slow reader|deaf|blind)\b"
    r"|i (?:get lost|get confused|mix up|mix them up|skim|cant stand|hate|prefer|like|love|dislike"
    r"|always want|learn (?:better|best|faster)|read everything|dont mind"
    r"|rather|dont read|never read|find|understand better|cant follow|cannot follow|cant read)\b"
    r"|id (?:like|prefer|rather|love)\b|(?:it|what) helps(?: me)?\b|i work (?:best|better)\b"
)
_OF_ME_TO_YOU = re.compile(r"\b(?:you|your|me|at a time|everywhere|max|only|first)\b")
_SAY = re.compile(
    r"(?!.* it\b(?! slow))"
    r"(?:talk|speak|answer|reply|explain|write|respond|be|say|phrase|treat me|keep|take it|stick)\b"
    r".*(?:\blike (?:a|an|im|i am|to a|with a|you would)\b|\bwith me\b|\bto me\b|\bas if\b"
    r"|\bhonest\b|\bblunt\b|\bharsh\w*\b|\bdirect\b|\bbrief\b|\bshort\b|\bplain\w*\b|\bsimple\b)"
    r"|(?:use|keep|give|put|write|cite|quote|paste|list|number|show|mention|add|include|leave)\b"
    r"(?!.*\b(?:the|a|an|my|our) (?!top|end|start|code|why|trade|question|typos|mistakes|raw"
    r"|sentence|point))"
    r".*\b(?:metric|euros|dollars|pounds|grams|kilos|km|kilometres|celsius|units|sources"
    r"|page numbers"
    r"|examples|tables|headings|the why|full files|not diffs|typos|plain words"
    r"|sentences|jargon|mistakes|24h clock|unless i ask|citations)\b"
    r"|correct my (?:mistakes|grammar|spelling|english|german|french|spanish)\b"
    r"|number the steps\b|straight to the point\b|get to the point\b|cut to the chase\b"
    r"|stick to the (?:point|question|facts)\b"
)
_WHEN_I_SAY = re.compile(r"\b(?:when(?:ever)?|if) i (?:say|write|type) .*\b(?:means?|do|please)\b")
_EITHER = re.compile(
    r"\bor no is (?:enough|fine)\b|\b(?:one|two|three|a) (?:words?|lines?|sentences?) (?:is"
    r"|are) (?:enough"
    r"|plenty)\b|\bone (?:thing|question|step|topic) at a time\b"
)
_CONDUCT = re.compile(
    r"\bask(?: me)? (?:before|first|when|if|how|instead|rather)\b|\bbefore .*\bask\b|\b(?:tell|show"
    r"|warn) me\b|\bexplain\b|\bwithout asking\b|\bmy (?:go|ok|okay|approval)\b|\b(?:linter"
    r"|formatter)"
    r"|\bsay so\b|\bin one sentence\b|\bloudly\b|\bdates?, ask\b|\bmore than you\b"
)
_CLEAR = """
    jargon emoji emojis sugarcoat apologize apologise apologizing pleasantries preamble disclaimers
    disclaimer flattery smalltalk metric euros grams celsius dyslexic blunt harsher harsh restate
    ramble tldr buzzwords beginner linter formatter sentences headings tradeoff slow learning
"""
_ALSO_TERMS = """
    ask explain guess anything loudly warn honest plain simple direct brief short browser topic
    colleague thing name touch worded mix lost show tell raw time answer talk
"""
_MARKERS = """
    no dont stop never always less fewer skip drop avoid without cut when whenever if unless before
    after max only first please pls like each everywhere prefer hate enough better spare leave
    instead unsure ever until not with
"""
CONDUCT_TERMS = (*sorted(_MANNER_WORDS | _CONDUCT_WORDS), *_CLEAR.split(), *_ALSO_TERMS.split())
CONDUCT_MARKERS = (*_MARKERS.split(), *_CLEAR.split())
"""What is looked for beside one of the terms."""


def says_how_to_behave(plain: str, words: list[str]) -> bool:
    """Return whether an English sentence sets a rule for how the assistant behaves.

    `plain` is the sentence, `words` are its words as they are spelled.
    """
    small = [word.replace("'", "").casefold() for word in words]
    is_norm = sets_a_norm(plain, plain)
    if ":" in plain.removeprefix("ground rules:") or not _is_general(words, small, is_norm=is_norm):
        return False
    text = _NO_WORD.sub("", plain.replace("'", "").casefold()).strip()
    is_lasting = _ALWAYS.search(text) is not None
    text = _TAIL.sub("", _LEAD.sub("", text, count=1)).strip(" ,")
    if _PHRASES.match(text) or _WHEN_I_SAY.search(text) or _EITHER.search(text):
        return True
    if _ONCE.search(text):
        return False
    if _NO_CONDUCT.match(text) or _SAY.match(text) or (is_norm and _TO_ME.search(text)):
        return True
    if _ORDER.match(text) and (is_lasting or _LASTS.search(text)) and _CONDUCT.search(text):
        return True
    return not _MANNER_WORDS.isdisjoint(small) and _is_of_a_manner(
        text, small, is_lasting=is_lasting
    )


def _is_of_a_manner(text: str, small: list[str], *, is_lasting: bool) -> bool:
    """Return whether what names a manner of answers asks for it, or asks to leave it."""
    if (left := _NO_MANNER.match(text)) and left.group(1) in _MANNER_WORDS:
        return True
    if _ORDER.match(text):
        return is_lasting or _LASTS.search(text) is not None
    if _OF_ME.match(text):
        return len(small) <= _FEW or _OF_ME_TO_YOU.search(text) is not None
    return _PHRASE.match(text) is not None and _PHRASE_MARK.search(text) is not None


def _is_general(words: list[str], small: list[str], *, is_norm: bool) -> bool:
    """Return whether the words fit any work, and none names a thing of one or a person."""
    unknown = [word for word in small if word not in _KNOWN and stem_of(word) not in _STEMS]
    allowed = 1 if len(small) >= _UNKNOWN_OF else 0
    if len(unknown) > (_UNKNOWN_OF_A_NORM if allowed and is_norm else allowed):
        return False
    if not _OF_WORK.isdisjoint(small):
        return False
    named = {word.casefold() for word in words[1:] if word[0].isupper()}
    named -= manners.LANGUAGES | manners.OTHER_CAPITALS | {"i", "pr", "ok"}
    text = " ".join(small)
    return not named and not any(
        f"{of} {one}" in text for one in unknown for of in ("the", "my", "our")
    )

"""The forms of clauses that say that there is no answer, in small letters."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.retrieval.message_classes.vain_forms import ASKED

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
"""What is no answer whatever was said before."""

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
    """Return whether a vain clause tells what was found out, or how somebody feels.

    What is not there in code, logs or files is an answer, unless it is the memory that has nothing.
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
"""What tells nothing beside a vain clause: an offer, where was searched, the question again."""

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
"""What stands before an answer or a non-answer alike."""

UNSPACED_ALONE = re.compile(
    r"(?:对不起|抱歉|不好意思|很抱歉)?[，,。]?(?:这个)?(?:我)?(?:也|真|真的|还)?"
    r"(?:不知道|不清楚|不太清楚|不记得了?|想不起来了?|不确定|不晓得|说不准|说不好)(?:呢"
    r"|啊)?[。.!！]?"
    r"|(?:未|没有?)(?:找到|查到)(?:任何)?(?:相关)?(?:的)?(?:记忆|结果|记录|内容)?[。.!！]?"
    r"|(?:稍等[，,]?)?(?:让我|我先|我去)(?:查|找|看)(?:一下|查|找|看)[。.!！]?"
    r"|(?:すみません[、。]?)?(?:わかりません|分かりません|知りません|覚えていません)[。]?"
    r"|(?:잘 )?모르겠(?:습니다|어요)[.]?|몰라요?[.]?"
)
UNSPACED_VAIN = re.compile(
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

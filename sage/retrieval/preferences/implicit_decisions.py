"""Recognize decisions that a person makes in passing, such as "120 it is", 英文版不写了.

Only texts of a person who decides count: an assistant that says the same proposes it.
"""

# ruff: noqa: RUF001 - Chinese has punctuation of its own

from __future__ import annotations

import re

_LEAD = (
    r"^\W*(?:(?:ok(?:ay)?|yes|no|so|then|and|fine|right|good|hence|alright|nah|great|well)"
    r"[\s,.:]+)*"
)
_NOT_A_THING = r"(?:it|this|that|a|an|the|some|one|more|lunch|another|your|my|our)\b"
_VERB = r"(?:drop|keep|use|take|make it|leave|skip|pick|choose|go with|stick (?:with|to)|switch to)"
_ENGLISH = re.compile(
    rf"{_LEAD}let['’]?s (?:do|take|make it|leave) (?!{_NOT_A_THING})\S"
    rf"|{_LEAD}[\w.#%-]+(?: [\w.#%-]+){{0,3}} it is(?: then)?\W*$"
    r"|\b(?:it|that)['’]?s (?:settled|decided|agreed|final)\b"
    r"|(?<!\bas )\b(?:settled|decided|agreed)\W*$"
    rf"|{_LEAD}(?:scratch that|final (?:answer|decision|word|call|version)\b)"
    r"|\b(?:we|i|the team|everyone)(?:['’]ve| have| all)? (?:voted|dropped|ditched|scrapped"
    r"|abandoned"
    r"|picked(?! up| on)|opted for|signed up for|ruled out)\b|\bhas been (?:decided|settled"
    r"|agreed)\b"
    rf"|{_LEAD}(?:we['’]?(?:re| are) |i['’]?m )?(?:going|sticking|staying) with (?!{_NOT_A_THING})"
    r"|\b(?:from now on|from here on|going forward|as of (?:now|today|next|monday)|effective)\b"
    r"|\bno (?:more [\w-]+ [\w-]+|\w+ any ?more\b)"
    rf"|{_LEAD}no (?!idea|way|problem|need|one|worries|clue|matter|news|luck|rush|time|access"
    rf"|errors?)"
    r"[\w-]+(?: [\w-]+)? (?:on (?:this|fri|sat|sun|mon|week)\w*|after|before|until|in v?\d"
    r"|in the first"
    r"|for (?:now|things|v?\d))"
    rf"|{_LEAD}{_VERB} \S.*\bthen\W*(?:$|,)|{_LEAD}then {_VERB} "
    r"|\b(?!(?:it|that|this|he|she|who|what) )[\w-]+ (?:stays|can go|has to go|must go|is out)"
    r"(?:\W*$| as (?:it|they|is)| the (?:way|same)| on \w+\W*$)"
    r"|\bwe (?:won['’]?t|will not|are not going to|['’]?re not going to) (?:plan|do|build|add|offer"
    r"|invest|buy|touch|migrate|move|release|change)\b"
    r"|\bwe (?:stick with|stick to|keep|go with|stay (?:with|on))\b(?! (?:getting|having|seeing))"
    r"|\bfinal\W*$|\binstead\W*$|\b(?:that|this)['’]?s the (?:title|name|plan|date|deal)\W*$"
    r"|\bwe(?:['’]?re| are) not (?:doing|going|taking|using|buying|building|moving)\b"
    rf"|{_LEAD}(?:leave|keep) .* (?:off|out|in) for now\b|^\W*yeah? (?:switch|drop|keep|merge)\b"
    rf"|{_LEAD}(?:make|keep|set) (?:it|them) .*\balways\W*$",
    re.IGNORECASE,
)
_OTHER_LANGUAGES = re.compile(
    r"\b(?:es|das) bleibt (?:bei|so|dabei)\b|\bbleibt (?:es )?dabei\b|\b(?:das|die"
    r"|den) [\w-]+ lassen wir\b"
    r"|\bc['’]est décidé\b|\bfinalement,? on\b|\bon (?:garde|monte|prend|laisse|abandonne) (?:le"
    r"|la|les|l['’])"
    r"|^\W*va pour\b|\b(?:lo|la|los) dejamos (?:para|en|como)\b|^\W*(?:ya está )?decidido\b"
    r"|^al final,? (?:sin|con)\b"
    r"|\bnos quedamos (?:con|en)\b|に(?:します|しました|決めました|決定|変えます|変更します)"
    r"|ことに(?:した|しました|なった|なりました)"
    r"|見送り|今のままで|(?:は|も)なしで(?:$|。|お)|年内は触らない",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:if|unless|whether|would|could|might|maybe|perhaps|should|not yet|nothing final"
    r"|haven['’]?t"
    r"|hasn['’]?t|until we|before we|they|he|she|when we|someone|once|they['’]ll)\b|\?"
    r"|^\W*(?:how|why|what|where|who|when|did|do|does|is|are|can)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"就(?:这么|这样)(?:定|办|来|干|吧|了)|先这么(?:办|定|干)|说(?:好|定)了|拍板了|定了(?!吗|没)"
    r"|(?:定|约)在(?!哪)|定的是"
    r"|那就(?!是|不|像|好|行|没|会|更|多|别|可以)[^，,。]{1,14}(?:吧|$|[，,])"
    r"|先不(?:上|做|搞|加|动|改|用|换|升|买|去|办|发|合|考虑)|(?:直接|干脆|索性)(?:换|用|上|走"
    r"|选|买|改成|砍)"
    r"|(?<![差要是])不(?:写|做|要|上|搞|加|支持|买|去|办|改|考虑|折腾|自己\w|合并|升级|迁"
    r"|发)了(?!吗|没)|不再(?!是|有|说|见)|不(?:予|做)支持|取消了"
    r"|(?:最后|最终|结果|讨论完|商量完|聊完|投票)(?:还是|就)?(?:选|定|挑|买|租|用|走|去)(?:的?是"
    r"|了)|投票结果"
    r"|(?:聊|商量|讨论|开会|问)(?:完|好|过)了?[：:]"
    r"|我们?(?:买|订|租|选|报|签|挑)了|(?:票|酒店|房间?)(?:都|也)?(?:买|订|定)(?:好)?了"
    r"|即日起|从(?:今天|现在|明天|下周|这版|下版|下个月|本月|[一二三四五六七八九十\d]+月)(?:起"
    r"|开始)"
    r"|以后(?!再|说|会|可|可能|的|要是|有|怎|能).{0,16}(?:轮流|走|只能?|不许|不准|都|统一|改|先"
    r"|按|用)|写死(?!了|的)"
    r"|^(?:行|好|可以|嗯|ok|对)[，,](?!谢|知道|明白|收到|我|你).{0,12}(?:放到|按|用|走|改|换|定"
    r"|统一|就|选)"
    r"|(?:提前|改到|改成|推到|延到|降到|加到|升到|设成|设为|放到|调到)[^，,。]{1,10}吧"
    r"|^(?:就|还是|那)?(?:用|走|选|上)(?!户|来|完|途|法|例|心|力|过|廊|路|开|出|面|中|项|择|手|海"
    r"|次|周|个|班|课|学|线|去|传|什|谁|哪|多|一下)[^，,。?？吗呢了]{1,9}(?:吧)?$"
    r"|底线|(?:再)?续(?:约|签)?(?:一|两|三|\d) ?年|(?:统一|一律)(?:就|按|用|走|都)|彻底不"
    r"|走 ?[A-Za-z一二甲乙] ?方案"
    r"|由[^，。]{1,4}(?:管|牵头|负责|定)|我来(?:管|牵头|负责)|先放一?放|停一停|就按(?!时|理)"
    r"|第[一二]版(?:不|没有)|只能走|^(?:用|选|要)第[一二三四]个",
    re.IGNORECASE,
)
_CHINESE_NOT_YET = re.compile(
    r"还没|没定|尚未|未定|来着|几[点号天个]|哪|可能|也许|如果|要是|假如|的话|应该(?!是)"
    r"|考虑(?!了)|要不要|建议"
    r"|等.{0,6}(?:决定|拍板|再定)|谁|什么|怎么|为什么"
    r"|不知道|[?？]|[吗呢]\W*$|能不能|是不是|好像|听说|[他她它]们?|昨天说|帮我|请|一下|有没有"
    r"|还是(?=.*\?)"
)
_TERMS = (
    *("settled", "scratch", "final", "voted", "dropped", "ditched", "scrapped", "picked", "ruled"),
    *("going", "sticking", "stick", "stays", "stay", "forward", "no", "then", "anymore", "now"),
    *("won't", "effective", "let's", "lets", "abandoned", "opted", "bleibt", "lassen"),
    *("finalement",),
    *("décidé", "garde", "monte", "prend", "laisse", "decidido", "dejamos", "quedamos"),
    *("ことに", "見送り", "ままで", "なしで", "変えます", "にします", "決定"),
)
_CHINESE_TERMS = """
    就这 先这 这么 说好 说定 拍板 定了 定在 约在 定的 那就 先不 直接 干脆 索性 写了 做了 要了 上了
    搞了 加了
    持了 买了 去了 办了 改了 虑了 腾了 并了 级了 迁了 发了 不自 不再 取消 最后 最终 投票 结果 聊完
    量完 论完 会完
    聊好 量好 订了 租了 选了 报了 签了 挑了 即日 从今 从现 从明 从下 从这 从本 以后 写死 行放 行按
    行用 行走
    放到 提前 改到 改成 推到 延到 降到 加到 升到 设成 设为 调到 底线 续约 续签 续一 续两 统一
    一律 彻底
    由我 由他 由她 我来 先放 停一 就按 换成 方案 第一
    第二 只能 轮流 走第 用第 选第 要第 还用 还是 就用 就走 就选 起都 不用 不支 不做
"""
IMPLICIT_DECISION_TERMS = (*_TERMS, *_CHINESE_TERMS.split())
"""Every recognized decision contains one of these."""


def decides_implicitly(sentence: str, plain: str) -> bool:
    """Return whether a sentence states a decision in passing.

    `plain` is the sentence in simplified Chinese.
    """
    if not plain.isascii() and _CHINESE.search(plain):
        return _CHINESE_NOT_YET.search(plain) is None
    if _OTHER_LANGUAGES.search(sentence):
        return "?" not in sentence
    return _ENGLISH.search(sentence) is not None and _NOT_YET.search(sentence) is None

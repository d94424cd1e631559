"""Patterns by which assistants say that they cannot, may not or do not know, in lower case.

A person who says the same often states something, so they apply to assistants only. A reason
("because", 因为) or a number makes the text an answer.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.retrieval.message_classes.non_answer_patterns import ByFirst

_NO = r"(?:no|any|the|a|an|that|those|your|enough|current|live|real-time|up-to-date|write|admin)"
_TOOLS = (
    r"(?:tools?|way|means|access|permissions?|rights?|ability|abilities|credentials|internet"
    r"|connection|capability|privileges|integration)\b"
)
_DO = (
    r"(?:access|view|open|browse|reach|query|check|look (?:at|into|up|inside)|read|say|know|guess"
    r"|send|post|set|create|generate|draw|render|book|schedule|order|push|write|deploy|help|assist"
    r"|execute|call|confirm|determine|provide|promise|play|download|upload|visit|log into"
    r"|connect|fetch|remember|recall|answer|do (?:that|this|so)|publish|sign|tell (?:you|from|if"
    r"|whether|what|when|who)|see (?:the|your|that) .*\bfrom here)\b"
)
_BARE = r"(?!.*(?:\d|\b(?:any|why|reproduce|unless|until|without|because|since|due to|as long)\b))"
_ENGLISH = (
    rf"i(?: currently| also| still)? (?:can't|cannot|can not)"
    rf" (?:actually |currently |directly )?{_DO}{_BARE}"
    r"|i(?: currently| also| still)? (?:can't|cannot|can not) (?:see|find) (?!the\b|that\b|your\b"
    r"|.*\b(?:any|an?"
    r"|problems?|issues?"
    r"|differen\w+|reasons?|errors?|bugs?|faults?|mistakes?|need|point|changes?|conflicts?|harm"
    r"|risks?"
    r"|calls?|callers?|us(?:es?|ages?)|why|how|in)\b)[^\d]*$"
    r"|i (?:couldn't|could not|can't|cannot) (?:tell|say)(?: you)?$|i(?:'ve| have) no way (?:of"
    r"|to)\b"
    rf"|i(?:'m| am) (?:currently )?(?:unable|not able|not allowed|not permitted"
    rf"|not authori[sz]ed) to {_DO}{_BARE}"
    rf"|i(?: currently| also)? (?:don't|do not|no longer) have {_NO}(?: [\w-]+)?? {_TOOLS}{_BARE}"
    rf"|i(?: currently|'ve)?(?: have)? (?:no|lack) (?:[\w-]+ )??{_TOOLS}{_BARE}"
    r"|i(?: still)? (?:don't|do not) have (?:the|that|those|this|your|any|enough|current|live)"
    r" (?:[\w-]+ )?[\w-]+(?: yet| here| at hand)?$"
    rf"|i (?:don't|do not) (?:really |actually )?know (?!how to\b|of\b){_BARE}"
    r"|i(?:'d| would)(?: only| just)? (?:be|have to) (?:guess(?:ing)?|speculat(?:e|ing))$"
    r"|i (?:don't|do not|can't|cannot) see (?:any|an?|the) (?:text|image|picture|attachment|file"
    r"|snippet|code|screenshot|link|question)(?: attached| here| in your message| yet)*$"
    r"|i only know what you\b"
)
_FORMS = {
    "i i'm i'd i've": _ENGLISH,
    "can't cannot": rf"(?:can't|cannot) {_DO}{_BARE}",
    "any anything": r"any(?:thing)?\b.* would (?:only |just )?be (?:a |pure )?guess\w*$",
    "no nothing there there's": (
        r"(?:there(?:'s| is) )?no(?:thing)? (?:\w+ )??(?:is |was |are )?"
        r"(?:attached|shared|mentioned)(?: yet| here| so far| to your message)*$|nothing so far$"
        r"|nothing (?:from|of|about) [^\d]* (?:is|was) (?:available|accessible|visible"
        r"|known)\b[^\d]*"
        r"|nothing (?:you|we|i was) \w+ (?:mentions?|says|covers|tells|names)\b[^\d]*"
    ),
    "that that's this it it's": (
        r"(?:it|that|this) (?:hasn't|has not|didn't|did not|never) (?:come|came) up (?:before|yet"
        r"|so far|here)\b"
        r"|(?:it|that|this) (?:isn't|wasn't|is not|was not) (?:among|part of) [^\d]*\b(?:i|you"
        r"|we)\b[^\d]*"
        r"|(?:that|this|it)(?:'s| is)(?:n't| not)? (?:something |an? \w+ question )?(?:that )?"
        rf"(?:i (?:can't|cannot|don't|do not) (?:answer|know|say|tell|have)\b{_BARE}"
        r"|(?:mentioned|stated|noted|documented) anywhere|(?:beyond|outside) (?:what|my)\b)"
        r"|(?:that|this) (?:information|detail|date|name) (?:was|has) (?:never|not)\b"
    ),
    "which what where": r"(?:which|what|where) [\w ]{1,30} (?:do you mean|are you referring to)$",
    "ich das dazu leider hier darauf auf": (
        r"(?:(?:das|darauf|auf \w+ \w+|dazu|hier) )?(?:ich )?(?:habe|kann|darf)(?: ich)?\b(?!.*\d)"
        r".*\b(?:keine?n?|nicht)\b.*\b(?:zugriff|zugang|möglichkeit|angaben|einsehen|prüfen|sagen"
        r"|ändern|abrufen|senden|beantworten|wissen|nachsehen|beurteilen|zugreifen|erstellen"
        r"|öffnen)\b(?!.*\b(?:weil|da|solange|bis)\b)"
        r"|(?:dazu|darüber|hierzu) liegt mir nichts vor\b"
        r"|(?:das )?(?:ist mir|weiß ich|kenne ich)(?: leider)? nicht\b|ich (?:weiß"
        r"|kenne) .*\bnicht$"
    ),
    "nein über von zu": (
        r"(?:nein )?(?:über|von|zu) .*(?:haben wir|hast du|haben sie)\b.*\b(?:nicht|nichts)\b"
        r".*(?:gesprochen|gesagt|erwähnt|erzählt)$"
    ),
    "der die das": (
        r"(?:der|die|das) \w+ (?:ist|wurde|kam) (?:bisher |noch |hier |mir )*nicht (?:gefallen"
        r"|genannt"
        r"|erwähnt|gesagt|bekannt|vor)$"
    ),
    "je il aucun aucune": (
        r"je ne (?:le |la |les |l'|m'en |me )?(?:sais|connais|souviens)\b.*\bpas\b(?!.*\d)"
        r"|je ne (?:le |la |les )?peux (?:pas|donc pas|malheureusement pas) "
        r"(?:l'|le |la |les |y )?(?:vérifier|accéder|dire|relire|consulter|savoir|envoyer|ouvrir"
        r"|voir|répondre|lire|aider)\b(?!.*\d)"
        r"|je n'ai (?:pas|aucun|aucune|rien)(?: d'| de | )(?:accès|droits?|autorisation|outil|moyen"
        r"|information|donnée|retrouvé|trouvé (?:à ce sujet|là-dessus))\b"
        r"|aucun (?:texte|fichier|document) n'est joint\b"
    ),
    "no ese esa eso lo": (
        r"no (?:puedo|tengo|dispongo de|cuento con)\b(?!.*\d).*(?:acceso|acceder|permisos?"
        r"|constancia|forma de|manera de|ese dato|consultar|abrir|enviar|comprobar|saber)\b"
        r"|(?:ese|esa|eso|lo) (?:dato |información )?no (?:lo |la )?(?:tengo|sé|conozco|puedo)\b"
        r"|no encuentro nada (?:sobre|de) .*(?:contado|dicho|mencionado)$"
    ),
}
REFUSAL_BY_FIRST = ByFirst(_FORMS)
"""Clauses, by their first word, in which an assistant cannot do something or does not know."""
REFUSAL = re.compile(
    r"\b(?:isn't|aren't|is not|are not|wasn't) (?:something|anything) (?:that )?i (?:can|know"
    r"|have)\b[^\d]*$"
)
"""The same after any first word."""

_I_HERE = r"^(?:.{0,14}我)?(?:(?:目前|暂时|现在|这边?|那边|在?这里|也|还|真的?)*)"
UNSPACED_REFUSAL = re.compile(
    rf"{_I_HERE}(?:没有?(?:办)?法|无法|不能|没法子)(?:直接|替|帮|为)?(?:你|您)?(?:查|看|访问|读"
    rf"|打开|生成"
    r"|发送|发|设置|推送|提交|登录|连接|浏览|执行|画|做图|确认|确定|核实|知道|判断|给出|回答|保证"
    r"|获取|提醒)"
    r"(?!.*(?:因为|由于|导致|原因))"
    r"|^我?(?:目前|暂时|现在|这边?|在?这里|也|还)*没有?(?:[^的]{0,14}的)?(?:权限|访问权|写权限)$"
    r"|^我?(?:这边?|这里|目前|暂时)*(?:给不出|查不了|查不出|不掌握|没(?:查|搜)到(?=$|相关|任何"
    r"|记录|信息)|答不了|不太?了解)"
    r"|^我?(?:这边|这里)?没有?(?:能)?(?:找到|查到|搜到|看到)[^，。]{0,12}(?:时间|日期|名字|名称"
    r"|电话|地址|位置|编号|联系人|负责人)$"
    r"|^我(?:这边|这里)?也?(?:连不上|登不上|进不去|看不到|打不开|访问不了|读不了"
    r"|查不到)[^因，。]{0,10}$"
    r"|(?:之前|以前|内容|名字|记录|对话|聊天|我这边).{0,6}没有?(?:留下来?|保存下来|出现过|提起过"
    r"|人提起过.{0,8})$|^.{0,8}没有人?提起?过?.{0,6}位置$"
    r"|没有?对我开放|^我?(?:这里)?没有?(?:任何|相关|这方面|关于|看到).{0,10}(?:内容|线索|消息"
    r"|信息)$"
    r"|^(?:目前)?我?(?:目前)?没有(?:这|那)?方面的(?:信息|记录|内容|资料|记忆)|^(?:你|您"
    r"|我们)?(?:好像|似乎|之前|还|目前)*没有?(?:提到|说|提|聊)过"
    r"|看不出来.*发生了什么|^.{0,6}还没有?提到"
    r"|(?:記録|履歴|メモ|情報).*(?:ありません|ございません|見つかりません)|(?:伺|聞)って(?:い"
    r"|お)り?ま?せん"
    r"|(?:閲覧|アクセス|お答え|回答|お手伝い)(?:は)?(?:でき|いたしかね|しかね)"
)
"""The same in Chinese and Japanese."""
UNSPACED_BESIDE = re.compile(
    r"我只(?:知道|了解)(?:你|您).*|到(?:现在|目前)为止|.*(?:可能|也许)(?:之前)?(?:没有?保存"
    r"|没存过?|是?在别的).*"
    r"|我来帮(?:你|您).*|(?:您|你)可以.*|如果方便|.*再告诉我.*|查过了|从现有.*|ここから.*"
    r"|.{0,8} については"
    r"|(?:文档|资料|前面|之前|记录|聊天|里面|您的?消息)[里中上]?(?:也|都|并)*没有?(?:提|说|写"
    r"|讲)[到过起]*.{0,6}"
    r"|.{1,10}については"
)
"""Neutral clauses beside a refusal."""

"""How values are written: days, times, numbers, versions, paths and names.

An entity type has the form of what is asked for, an answer type what may answer at all, a kind of
value what a correction may put in place of another: each is as strict as its use.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

DAY = (
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|segunda|terça|quarta|quinta|sexta)\b"
    r"|(?:周|星期|礼拜)[一二三四五六日天末]|[月火水木金土日]曜日"
)
MONTH = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december)\b"
)
DATE_WORD = re.compile(f"{DAY}|{MONTH.replace('|april|may|june', '')}", re.IGNORECASE)
NAMED_DAY = re.compile(
    rf"{DAY}|{MONTH}(?= \d|\W*$)|[今明后]天|\b(?:today|tonight|tomorrow|heute|morgen|übermorgen"
    r"|demain|aujourd'hui|mañana|domani)\b",
    re.IGNORECASE,
)
TIME = (
    r"(?<![\w.:])\d{1,2}(?::\d\d)+(?!\w)|\b\d{1,2} ?(?:am|pm|o'clock)\b|\d+ ?点"
    rf"|[一二三四五六七八九十]点|{DAY}|{MONTH.replace('|may', '')}|\b(?:midnight|noon)\b"
    r"|\b\d{4}-\d\d(?:-\d\d)?\b|\d+ ?[月号日]"
)
ANY_TIME = re.compile(
    rf"{DAY}|{MONTH}|\b(?:spring|summer|autumn|fall|winter|today|tonight|tomorrow|yesterday|mornings?"
    r"|noon|afternoons?|evenings?|nights?|midnight|weekends?|days?|weeks?|months?|years?|easter"
    r"|christmas|now|never|always|until|before|after|since|once|soon|every|last|next|during"
    r"|breakfast|lunch|dinner)\b|[年月日号周天早晚午夜前后昨今明春夏秋冬]|时候|时间|点[半整钟]",
    re.IGNORECASE,
)

NUMBER = r"(?<![\w./:-])\d+(?:[.,]\d+)*(?![\w/:-]|\.\w)"
VERSION = r"(?<![\w./:-])v?\d+(?:\.\d+)+(?![\w/:-]|\.\w)"
UNIT = (
    r" ?(?:(?:seconds?|minutes?|min|hours?|h|days?|weeks?|months?|quarters?|years?)\b"
    "|秒|分钟|小时|天|周|个月|年)"
)
COUNT = rf"{NUMBER}(?!{UNIT})|[零一二两三四五六七八九十百千万]+[个次条台]"
WHOLE = rf"(?<![\w./:-])\d{{2,5}}(?![\w/:-]|[.,]\w|{UNIT})"
DURATION = (
    r"(?:\b(?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|half)"
    rf"|[一二两三四五六七八九十百半几]+){UNIT}|\b(?:forever|indefinitely)\b|永久"
)
FIGURE = re.compile(
    r"(?<![\w.:/-])(\d+(?:[.,:]\d+)*)(?:[ -]?([A-Za-z%°\u3400-\u9fff]+))?(?![\w:/-])"
)
ANY_NUMBER = re.compile(
    r"\d+(?:[.,:]\d+)*"
    r"|\b(?:no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six"
    r"|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
    r"|million|billion|half|quarter|third|dozen|couple|both|several|few|once|twice|daily|weekly"
    r"|monthly|yearly|free|unlimited|forever|always|first|second)\b"
    r"|[零一二两三四五六七八九十百千万亿半]",
    re.IGNORECASE,
)

PATH = r"(?<![\w/:])(?:~|\.{0,2})/\w|\b[a-z]:\\|\b\w+/\w"
LINK = r"://|\bwww\.|\b\w+\.(?:com|org|net|io|dev)\b"
JOINED = r"(?<![\w/.~@-])[a-z]\w*_\w+(?![\w/])"
SLASHED = r"(?<![\w/.~-])[a-z][\w.-]*/\w"
DOTTED = r"(?<![\w/.~@-])[a-z]\w*(?:[.:]\w+)+(?![\w/(])"
HYPHENED = r"(?<![\w/.~@-])[a-z]\w*(?:-\w+){2,}(?![\w/])|(?<![\w-])--\w+"
NUMBERED = r"(?<![\w/.~@-])[a-z]+-?\d+(?![\w/])"

ANY_WORD = re.compile(r"[^\W\d_][\w'’-]*")
LATIN_NAME = re.compile(r"[^\W\d_][\w-]*(?:[./@:][\w-]+)*")
PERSON_NAME = re.compile(
    r"(?<![A-Za-z0-9])[A-Z][a-zà-ÿ]+(?:['’-][A-Z]?[a-zà-ÿ]+)*(?![a-z0-9_])(?: [A-Z][\w'’-]+)*|@\w+"
)
LAST_WORD = re.compile(
    r"\b(?:is|are|was|called|named|uses?|heißt|ist|est|s'appelle|es|se llama|è|si chiama|é|chama)"
    r"\s+(?:the |a |der |die |das |le |la |el )?"
    r"([^\W\d_][\w-]*)[\s.!\"')]*$",
    re.IGNORECASE,
)
"""The last word of a sentence that says what or where something is."""

HAN = re.compile(r"[\u3400-\u9fff]")
WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7a3]")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
HAN_NAME = re.compile(
    rf"(?:(?:是|叫|由|找|给|归|问|联系)|^|[，,：:\s])([老小]?[{_SURNAMES}](?:[\u3400-\u9fff]{{1,2}})?)"
    r"(?=[。，,.!！\s]|$|负责|管|来|做|值|在)"
)
HAN_PERSON = re.compile(r"(?:找|问|由|归|是|联系|给)[\u3400-\u9fff]{2,3}(?:负责|管|[。，,.]|\Z)")
HAN_LAST_WORD = re.compile(r"(?:叫|选|定为?)([\u3400-\u9fff]{1,6})[。.!！\s]*$")

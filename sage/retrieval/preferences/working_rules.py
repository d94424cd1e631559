"""Recognize rules that people set for their collaborators in a project, on any subject.

"whenever you add a tool, pin the version", 你别替我决定删不删. They may name things of a project,
so they stay where they were said.
"""

# ruff: noqa: RUF001 - Chinese has punctuation of its own

from __future__ import annotations

import re

_LEAD = (
    r"^\W*(?:(?:please|pls|plz|and|also|btw|ok(?:ay)?|so|oh|but|one (?:ask|thing|rule)"
    r"|new rules?)[\s,.:]+)*"
)
_WORKS = (
    r"(?:touch|push|commit|merge|rebase|delete|remove|change|edit|rename|install|deploy|run|use|add"
    r"|write|put|show|tell|ask|say|explain|mention|print|format|reformat|assume|guess|rewrite|list"
    r"|start|stop|skip|keep|name|test|check|open|create|round|repeat|include|translate|send|answer"
    r"|reply|mark|quote|cite|log|work|call|make)(?:s|ed|ing|ting|ning|ping|ding)?"
)
_ENGLISH = re.compile(
    r"\b(?:whenever|every time|each time) you\b"
    rf"|\bi(?:['’]d| would) (?:rather|prefer|appreciate|love) (?:it )?(?:if )?you (?!to\b)"
    r"|\b(?:it|that)?(?:['’]d| would) be (?:nice|great|good|better|helpful"
    r"|cool) if you (?!could\b|can\b)"
    rf"|{_LEAD}(?:always|never|don['’]?t ever|do not ever|no need to|stop) {_WORKS}\b"
    rf"|{_LEAD}(?:don['’]?t|do not) {_WORKS} .*\b(?:without|unless|until i|anything|every time"
    rf"|ever)\b"
    r"|\byou (?:never|always) (?:touch|push|commit|merge|delete|change|edit|rename|install|deploy"
    r"|run"
    r"|use|add|show|print|assume|guess|rewrite|stop|start|check|test|create|work)\b"
    rf"|\byou (?:must never|must always|should always|should never) {_WORKS}\b"
    rf"|{_LEAD}no (?!thing|idea|way|more\b)\w{{3,}}ing\b"
    r"|\b(?:my|the house) (?:taste|rules?|style|habit|preference|convention)s?\W*$"
    rf"|{_LEAD}(?:when(?:ever)?|if|before|after) (?:you|it['’]?s (?:a|an)|i say|i write)\b.*(?:,"
    rf"| just| please)"
    rf" {_WORKS}\b"
    r"|\bneeds? my (?:ok|okay|approval|go|sign-?off)\b"
    rf"|{_LEAD}(?:please |pls )?{_WORKS} .*\b(?:whenever|every time|each time|unless i)\b",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:today|tonight|tomorrow|this time|for now|right now|yet|again|when you(?:['’]re"
    r"| are) (?:done"
    r"|finished|ready|back)|in the meantime)\b|\?\W*$",
    re.IGNORECASE,
)
_CHINESE_WORKS = (
    r"(?:写|用|给|说|问|标|加|跑|提交|改|发|列|讲|举|出|算|删|动|碰|推|合|注明|带|放|贴|读|查|翻"
    r"|译|记|建|命名|回|看|挑|夸|批|开头|叫|决定)"
)
_CHINESE = re.compile(
    rf"(?<![我你他她])(?:以后|今后|往后|下次|每次|凡是|一律|永远|务必|千万)(?!再说|会|可能"
    rf"|的话)(?:[^，,。]{{0,10}}[，,])?[^，,。]{{0,8}}{_CHINESE_WORKS}"
    rf"|^(?:还有|另外|对了|补充一下)?[，,]?(?:你)?(?:再)?(?:别|不要|不许|不准)(?:再|老|总|给我"
    rf"|替我|随便|用|在|拿|把)*[^了，,。]{{0,6}}{_CHINESE_WORKS}[^了]*$"
    rf"|[，,](?:不要|别|不许|不准)(?!忘|急|怕|担心"
    rf"|客气)[^了，,。]{{0,6}}{_CHINESE_WORKS}?[^了，,。]{{1,14}}(?:这种话?|那种话?"
    rf"|这种.{{0,4}}的|之类的?|开头|虚的)"
    rf"|每(?:道|个|篇|段|步|条)[^，,。]{{1,6}}(?:都|要|得|给我"
    rf"|完)[^，,。]{{0,8}}{_CHINESE_WORKS}|[^，,。]{{1,6}}的(?:操作|时候|地方|数字)[，,]?(?:都|先"
    rf"|一律|给我|再)"
    rf"|(?:最多|顶多){_CHINESE_WORKS}"
    rf"|我要能.{{1,10}}(?:发|用|看|抄)|(?:你)?直说|才懂|别只|标出来就行|不许"
)
_CHINESE_ONCE = re.compile(
    r"这次|这回|今天|明天|现在|刚才|刚刚|昨天|这个文件|那个|那台|过了|[？?]|[吗呢]\W*$|我们"
    r"|咱们(?!不)|[他她它]们|别人|听说|如果"
)
_TERMS = """
    whenever every rather prefer appreciate nice helpful always never ever need stop without unless
    anything taste rules rule style habit convention approval no
    以后 今后 往后 下次 每次 凡是 一律 永远 务必 千万 别 不要 不许 不准 每道 每个 每篇 每段 每步
    每条 操作 时候 数字 地方 给我 让我 问我 最多 顶多 我要 直说 才懂 别只 就行
"""
RULE_TERMS = tuple(_TERMS.split())
"""Every recognized sentence contains one of these."""


def sets_rule(sentence: str, plain: str) -> bool:
    """Return whether a sentence sets a rule; `plain` is the sentence in simplified Chinese."""
    if not plain.isascii() and _CHINESE.search(plain):
        return _CHINESE_ONCE.search(plain) is None
    return _ENGLISH.search(sentence) is not None and _ONCE.search(sentence) is None

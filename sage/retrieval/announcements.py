"""Recognize what an agent says before it works: what it is about to do, and not yet what it found.

Where such a text is the last of a turn, the turn was cut short.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.retrieval.text.sentences import sentences_in

_DOES = (
    r"(?:add|analy[sz]e|apply|begin|change|check|compare|continue|create|debug|dig|do|edit|examine"
    r"|explore|find|fetch|fix|get|go|grep|implement|inspect|investigate|list|look|make|modify|move"
    r"|open|pull|query|read|refactor|remove|rename|rerun|review|run|scan|search|see|set|split|start"
    r"|take|test|trace|try|update|use|verify|view|write)"
)
_DOING = (
    r"(?:adding|analy[sz]ing|checking|creating|digging|editing|examining|exploring|fetching|fixing"
    r"|inspecting|investigating|listing|looking|opening|reading|rerunning|reviewing|running|scanning"
    r"|searching|starting|tracing|trying|updating|verifying|writing)"
)
_BEFOREHAND = re.compile(
    rf"\b(?:let me|i(?:['’]ll| will| need to| have to| should|['’]m going to| am going to))"
    rf" (?:(?:now|first|just|also|next|then|quickly|start by|begin by) )*(?:{_DOES}|{_DOING})\b"
    rf"|^(?:(?:ok(?:ay)?|sure|right|now|first|next),? )?{_DOING}\b|\b{_DOING}\b[^,;:]* now\W*$"
    r"|\bich (?:schaue|sehe|lese|prüfe|öffne|suche|starte|werde|fange|beginne)\b|\blass mich\b"
    r"|\b(?:je (?:vais|commence par)|laisse[z]?[- ]moi|voy a|déjame|permíteme)\b"
    r"|(?:让我|我来|我先|我这就|我现在|现在我|接下来我?)[^，,。]{0,6}?"
    r"(?:看|读|查|打开|运行|跑|搜|找|检查|改|更新|加|写|试|处理|开始)|^先[^，,。]{0,2}(?:看|跑|查|读|找)|^まず.*ます",
    re.IGNORECASE,
)
_ON_CONDITION = re.compile(
    r"\b(?:if|once|when|unless|after you|until|wenn|sobald|falls|si|quand|dès que|cuando)\b"
    r"|如果|等你|之后再|[?？]$",
    re.IGNORECASE,
)


def announces_work(text: str) -> bool:
    """Return whether a text ends with what its author, an agent, is about to do."""
    last = [*sentences_in(text)][-1:]
    return any(_BEFOREHAND.search(one) and not _ON_CONDITION.search(one) for one in last)

"""Recognize texts of an agent that announce work, report it, or propose something.

A turn that ends by announcing work was cut short; an answer that only proposes, or asks back,
leaves the decision to the user.
"""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.domain.memories import Role
from sage.retrieval.message_classes.questions import ends_asking
from sage.retrieval.query.entity_types import type_match
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
_CHANGED = r"done|fixed|added|changed|removed|updated|renamed|reverted|moved|wrote"
_HAN_CHANGED = "已|改了|修|加了|删"

REPORTS_CHANGE = re.compile(rf"\b(?:{_CHANGED}|because)\b|{_HAN_CHANGED}", re.IGNORECASE)
"""Something was changed, or has a reason: more than a look-up."""
_REPORTS_WORK = re.compile(
    rf"\b(?:{_CHANGED}|finished|implemented|touched|committed|pushed|merged|deployed|tests?"
    r"|checks? pass)\b"
    rf"|nothing is left|\bis in[;,.]|完成|做好|弄好|做完|搞定|没有遗留|{_HAN_CHANGED}",
    re.IGNORECASE,
)
"""A task was worked on, with its outcome."""
_BEGINNING = 600
_SEEKS_A_DECISION = re.compile(
    r"\b(?:shall|should) (?:we|i)\b|\bwhat (?:do|can|could) (?:we|i) do\b"
    r"|\b(?:do|would) you (?:suggest|propose|recommend)\b"
    r"|\bsoll(?:en|te|ten)? (?:wir|ich)\b|\bwas (?:tun|machen) wir\b"
    r"|\b(?:devrait-on|devons-nous|doit-on|faut-il|que faire|que fait-on|on fait quoi)\b"
    r"|\b(?:deberíamos|debemos|debería yo|qué hacemos|dovremmo|cosa facciamo|devemos|deveríamos"
    r"|o que fazemos)\b|что (?:будем )?делать|стоит ли|怎么办|要不要|该不该|[该要]怎么",
    re.IGNORECASE,
)
_PROPOSES = re.compile(
    r"\b(?:we|i|you) (?:can|could|might|would)\b(?!['’]t| not)|\b(?:i|we)['’]d\b|\bhow about\b"
    r"|\b(?:suggest|propose|recommend)(?:s|ed|ing)?\b"
    r"|\b(?:wir|ich|du|man) (?:können|könnten?|kann|kannst|würden?)\b|\b(?:könnten?|würden?)"
    r" (?:wir|ich|man)\b|\b(?:vorschlag|vorschlagen|schlage|empfehle|empfehlen)\b"
    r"|\b(?:on|nous|je|tu|vous) (?:peu[txr]|peuvent|pou\w+)\b|\bje (?:propose|suggère|recommande)\b"
    r"|\b(?:podemos|podríamos|puedo|propongo|sugiero|recomiendo|possiamo|potremmo|suggerisco"
    r"|consiglio|poderíamos|proponho|sugiro|recomendo)\b"
    r"|\b(?:можем|можно|могу|предлагаю|рекомендую|советую)\b|可以|建议|不如|推荐|要不",
    re.IGNORECASE,
)
_FITS = 0.5


def announces_work(text: str) -> bool:
    """Return whether a text ends by announcing what its author, an agent, is about to do."""
    last = [*sentences_in(text)][-1:]
    return any(_BEFOREHAND.search(one) and not _ON_CONDITION.search(one) for one in last)


def reports_work(role: Role, content: str) -> bool:
    """Return whether an assistant reports what it did."""
    return role is Role.ASSISTANT and _REPORTS_WORK.search(content[:_BEGINNING]) is not None


def awaits_decision(asked: str, answer: str) -> bool:
    """Return whether a prompt still waits for a decision of the user after an answer.

    A question of what should be done is undecided if the answer only proposes. Any other prompt is
    undecided if a proposal ends by asking back, unless the answer names a thing of the kind asked
    for.
    """
    asks_back = ends_asking(answer)
    if reports_work(Role.ASSISTANT, answer):
        return False
    if _SEEKS_A_DECISION.search(asked):
        return asks_back or _PROPOSES.search(answer) is not None
    said = [*sentences_in(answer)][:-1]
    proposes = any(_PROPOSES.search(one) for one in said)
    return asks_back and proposes and type_match(asked, answer) < _FITS

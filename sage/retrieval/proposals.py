"""Recognize answers that settle nothing yet: they propose what may be done, or ask back."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.domain.memories import Role
from sage.retrieval.message_classes.questions import ends_asking
from sage.retrieval.query.entity_types import type_match
from sage.retrieval.tasks import reports_work
from sage.retrieval.text.sentences import sentences_in

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


def is_undecided(asked: str, answer: str) -> bool:
    """Return whether what was asked waits for a word of the user's after an answer.

    What should be done is undecided where it is only proposed. All else is where a proposal ends by
    asking back, unless the answer names a thing of the kind that was asked for.
    """
    asks_back = ends_asking(answer)
    if reports_work(Role.ASSISTANT, answer):
        return False
    if _SEEKS_A_DECISION.search(asked):
        return asks_back or _PROPOSES.search(answer) is not None
    said = [*sentences_in(answer)][:-1]
    proposes = any(_PROPOSES.search(one) for one in said)
    return asks_back and proposes and type_match(asked, answer) < _FITS

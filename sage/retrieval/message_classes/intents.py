"""Recognize whether a message only asks, only sets a task, or states something."""

# ruff: noqa: RUF001 - other scripts have marks of their own

from __future__ import annotations

import re

from sage.domain.message_class import MessageClass
from sage.retrieval.message_classes.acknowledgements import only_acknowledges
from sage.retrieval.message_classes.questions import is_question
from sage.retrieval.message_classes.requests import is_request
from sage.retrieval.query.introductions import introduces
from sage.retrieval.text.sentences import (
    SENTENCE_ENDS,
    first_word_of,
    sentences_of,
)

_MAX_CHARS = 600
"""A longer message is not read sentence by sentence: it states something."""
_MAX_SENTENCES = 6
_LEAD_FIRST = frozenset(
    """
    ok okay so and but hey hi hello please also btw by now then great thanks thank sorry hmm hmmm
    well quick pls one another perfect good cool alright right hallo guten salut bonjour hola buenos
    buenas ciao buongiorno olá oi привет yes no yeah go bitte und et e y а и maybe
    just oh ah claude sage chatgpt gemini copilot
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_LEAD = re.compile(
    r"(?:(?:ok(?:ay)?|so|and|but|hey|hi|hello|please|pls|also|btw|by the way|now|then|great"
    r"|thanks?(?: you)?"
    r"|sorry|hmm+|well|quick question|one more question|another question|perfect|good|cool"
    r"|alright|right"
    r"|(?:yes|no|yeah)(?=[,.!:])|go ahead|hallo|guten (?:morgen|tag|abend)|good (?:morning"
    r"|evening)|salut|bonjour|hola|buen[oa]s (?:días|tardes)"
    r"|ciao|buongiorno|olá|oi|привет|bitte|und|et|e|y|а|и|maybe|just|oh|ah|claude|sage(?=,)"
    r"|chatgpt|gemini"
    r"|copilot)\b"
    r"[\s,.!:—–-]*+)++",
    re.IGNORECASE,
)
_DRY = re.compile(
    r"(?:ok(?:ay)?|great|perfect|thanks?(?: you)?|thx|hi|hello|hey|good morning|yes|no|please"
    r"|sorry|danke"
    r"|super|merci|parfait|gracias|perfecto|grazie|obrigad[oa]|спасибо|好的?|谢谢你?|你好|您好)"
    r"(?: (?:there|a lot|so much))?\W*$",
    re.IGNORECASE,
)
"""Exclamations that precede tasks; others are chat among friends."""
_MOOD_FIRST = frozenset(("it", "it's", "this", "that", "that's", "everything"))
_MOOD = re.compile(
    r"(?:it|this|that|everything)(?:'s| is| looks| reads| feels| seems)? "
    r"(?:(?:a bit|so|too|really|very|just|all) )*(?:ugly|awful|terrible|horrible|messy|a mess"
    r"|confusing|unreadable|weird|bad|boring|clunky|not (?:nice|good|great|pretty)|annoying)"
    r"(?: here)?[,;:.!] *"
    r"|(?:另外)?(?:这里?|这个|这段)?(?:写得|看着)?(?:太|有点|真|好)(?:乱|丑|难看|啰嗦"
    r"|绕)了?[,，。] *",
    re.IGNORECASE,
)
"""A feeling before a task, about the current work: nothing that anybody asks for later."""
_PURPOSE = re.compile(
    r",? so (?:that )?(?:we|i) can (?:move on|go on|continue|get on with it|go home)\W*$",
    re.IGNORECASE,
)


def intent_of(text: str) -> MessageClass | None:
    """Return QUESTION or REQUEST for a text that does nothing else, otherwise None."""
    if len(text) > _MAX_CHARS:
        return None
    found: MessageClass | None = None
    for number, sentence in enumerate(sentences_of(text)):
        if number >= _MAX_SENTENCES:
            return None
        if kind := _intent_of_sentence(sentence):
            found = found or kind
        elif not (_is_opening(sentence) or (len(sentence) < len(text) and introduces(sentence))):
            return None
    return found


def ends_with_task(text: str) -> bool:
    """Return whether the last sentence of a text asks, or sets a task."""
    if len(text) > _MAX_CHARS:
        return False
    body = text.rstrip(" .!?。！？\n")
    last = body[max(map(body.rfind, SENTENCE_ENDS)) + 1 :].strip()
    return bool(last) and _intent_of_sentence(last) is not None


def _intent_of_sentence(sentence: str) -> MessageClass | None:
    first = first_word_of(sentence)
    if first in _MOOD_FIRST or (not first.isascii() and first.startswith(("这", "太", "另"))):
        sentence = _MOOD.sub("", sentence, count=1)
        sentence, first = _PURPOSE.sub("", sentence), first_word_of(sentence)
    lead = sentence
    if first in _LEAD_FIRST and (begun := _LEAD.match(sentence)) and begun.end() < len(sentence):
        lead = sentence[begun.end() :]
        first = first_word_of(lead)
    if is_request(lead, first):
        return MessageClass.REQUEST
    return MessageClass.QUESTION if is_question(lead, first) else None


def _is_opening(sentence: str) -> bool:
    """Return whether a sentence is a mere opening such as thanks, and no exclamation of joy."""
    if sentence.endswith(("!", "！")) and not _DRY.match(sentence):
        return False
    return only_acknowledges(sentence)

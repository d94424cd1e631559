"""Recognize text that Sage recalled, and pasted text."""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"<sage-(?:memories|recall|summary)>.*?(?:</sage-(?:memories|recall|summary)>|\Z)", re.DOTALL
)
_RECALL_HEAD = "From Sage, the user's memory: quoted from earlier conversations"
_CONTEXT_HEAD = "Recalled from earlier conversations, with gaps; times are"
_RESULT = re.compile(r'\s*\{"(?:results|memories|context)":\s*\[?.{0,80}"memory_id"', re.DOTALL)
_MARKS = ("<sage-", _RECALL_HEAD, _CONTEXT_HEAD, '"memory_id"')

_MIN_LINES = 4
_SAMPLED_LINES = 40
_SHARE = 0.7
_CODE = re.compile(
    r"\s*(?:"
    r"\[?\d{4}-\d\d-\d\d[T ]\d|\[?\d\d:\d\d:\d\d|[A-Z][a-z]{2} +\d+ \d\d:\d\d"  # times of logs
    r"|(?:at |in )?[\w.$/<>-]+\(.*\)|File \"|Traceback|Caused by|\w*(?:Error|Exception)\b|panic:"
    r"|goroutine"
    r"|(?:npm|pip|error|warning|warn|info|debug|fatal|E) *(?:ERR!|:|\[|\|)|E  |FAILED|PASSED"
    r"|=====|-----|collected"
    r"|[-dl][rwx-]{9}|total \d|[+\-@]{2,3}|[+-] {2,}|[+-]\w+\W|diff --git|index [0-9a-f]{6}"
    r"|Exception in"
    r"|(?:def|class|import|from|return|if|for|while|const|let|var|function|export|public|private"
    r"|SELECT|FROM|LEFT"
    r"|WHERE|INSERT|CREATE|ALTER|UPDATE|ORDER|LIMIT|AND|GROUP|set|elif|else|try|except|with|fn"
    r"|use|package|func)\b"
    r"|[{}()\[\]<>]|[\w ]+ [\w()]+(?: NOT NULL| DEFAULT| PRIMARY)|#!|\w[\w.\"-]*: ?$"
    r"|[\w.\"-]+: ?\S+$|\"[\w-]+\":|[\w.-]+ ?= ?\S|\S+(?: {2,}|\t)\S+|[^,\s]+(?:,[^,\s][^,]*){2,}$"
    r"|do$|done$|fi$|exit )"
)
_LOOSE = re.compile(r" {2,}\S|\t|.*[;{}\\]\s*$|\s*$")
_PROSE = re.compile(
    r"\s*(?:[-*•] |\d+[.)] )?[^\W\d_]+(?:['\u2019,]?[ ,][^\W\d_]+['\u2019,]?){3,}.*[.!?:,]?\s*$"
)


def is_quotation(text: str) -> bool:
    """Return whether a text consists only of text that Sage recalled."""
    if not any(mark in text for mark in _MARKS):
        return False
    start = text.lstrip()
    if start.startswith((_RECALL_HEAD, _CONTEXT_HEAD)) or _RESULT.match(text):
        return True
    return bool(_QUOTED.search(text)) and not _QUOTED.sub("", text).strip()


def without_quotations(text: str) -> str:
    """Return a text without blocks that Sage recalled."""
    return _QUOTED.sub("", text) if "<sage-" in text else text


def is_pasted(text: str) -> bool:
    """Return whether most lines of a text are those of a log, a listing or code."""
    if text.count("\n") + 1 < _MIN_LINES:
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 2 * _SAMPLED_LINES:
        lines = [*lines[:_SAMPLED_LINES], *lines[-_SAMPLED_LINES:]]
    made = sum(1 for line in lines if _is_made(line))
    return len(lines) >= _MIN_LINES and made >= _SHARE * len(lines)


def _is_made(line: str) -> bool:
    """Return whether a line was written by a program, or for one."""
    if _CODE.match(line[:300]):
        return True
    return bool(_LOOSE.match(line[:300])) and not _PROSE.match(line[:300])

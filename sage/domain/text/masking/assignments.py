"""Secrets assigned to a name: in code, settings, data and prose, in English, Chinese and others."""

from __future__ import annotations

import re
from functools import cached_property

from sage.domain.text.masking.rule import MAX_JUDGED_CHARS, SecretRule
from sage.domain.text.masking.shape import is_password, is_secret_value

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable

_BLANK = r"[\s\u00a0\u2000-\u200a\u202f\u3000]"
_CLOSED = r"[\\\"'`\])*]{0,4}"
_IS = "is|was|is now|set to|changed to|ist|lautet|est|es|\u00e8|\u00e9|\u044d\u0442\u043e"
_SIGN = (
    rf"{_BLANK}{{0,4}}(?::\s{{0,2}}[A-Za-z][\w.\[\] |]{{0,40}}?\s{{0,2}}=(?!=)|=>|:=|={{1,3}}"
    rf"|:\s{{0,2}}[|>][+-]?(?=\s)|[:\uff1a\uff1d]){_BLANK}{{0,40}}"
)
_GIVEN = (
    rf"(?:{_SIGN}"
    rf"|{_BLANK}(?:{_IS})(?:{_BLANK}|:){_BLANK}{{0,3}}"
    rf"|{_BLANK}(?:for|of|to|on|at)\s[^\n:=\"%(){{}}\[\]]{{1,60}}?(?:\s(?:{_IS})[\s:]|\s?[:=])\s{{0,3}}"
    r"|,?\s{1,40}[\\\"']{0,2}value[\\\"']{0,2}\s{0,2}[:=]\s{0,4}"  # a name and a value in a list
    rf"|\s{{0,2}}(?:\u662f|\u4e3a|\u70ba|\u6539\u6210|\u6539\u4e3a|\u306f|\ub294|\uc740)"
    rf"[:\uff1a]?{_BLANK}{{0,2}})"
)
_VALUE = (
    r"[*\u00ab\u2018\u201c\u300c\u300e\u3010]{0,2}(?P<quote>\\{0,3}[\"'`])?"
    r"(?=(?P<secret>(?(quote)"
    rf"[^\0-\x20\"'`]{{6,{MAX_JUDGED_CHARS}}}+"
    rf"|[!#-&(-+\--:=?-_a-~]{{6,{MAX_JUDGED_CHARS}}}+)))"  # listing the content is faster
)

_KEYS = "api access secret private auth encryption signing master shared service license"
_KEY_OF = "|".join(f"(?<={name})|(?<={name}[_. -])" for name in _KEYS.split())
_OTHER_PASSWORDS = (
    "mot de passe|contrase\u00f1a|senha|kennwort|wachtwoord|has\u0142o"
    "|\u043f\u0430\u0440\u043e\u043b\u044c|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638"
)
_CAPITALS = {  # the patterns ignore the case of ASCII only
    char: f"[{char}{char.upper()}]" for char in "\u00f1\u0142\u043f\u0430\u0440\u043e\u043b\u044c"
}


class _AssignmentRule(SecretRule):
    """A value assigned to a name. It ends where the next assignment begins, so none overlap."""

    def __init__(
        self, kind: str, marks: tuple[str, ...], given: str, accepts: Callable[[str], bool]
    ) -> None:
        super().__init__(kind, marks, given + _VALUE, accepts)
        self._given = given

    @cached_property
    def _gives(self) -> re.Pattern[str]:
        return re.compile(self._given, re.ASCII)

    def _end(self, text: str, lowered: str, mark: str, found: tuple[int, int]) -> int:
        start, end = found
        again = lowered.find(mark, start, end)
        while again >= 0:
            if self._gives.match(text, again):
                return again
            again = lowered.find(mark, again + len(mark), end)
        return start + len(text[start:end].rstrip("\\"))  # of an escaped quote


def _given_to(names: str, given: str = _GIVEN) -> str:
    return f"(?<!/)(?i:{names}){_CLOSED}{given}"


ASSIGNMENTS = (
    _AssignmentRule(
        "password",
        ("pass", "pwd", "\u5bc6\u7801", "\u5bc6\u78bc", "\u53e3\u4ee4"),
        _given_to("pass(?:wor[dt]|wd|phrase|code)|pwd|\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4"),
        is_password,
    ),
    _AssignmentRule(
        "password",
        tuple(_OTHER_PASSWORDS.split("|")),
        _given_to("".join(_CAPITALS.get(char, char) for char in _OTHER_PASSWORDS)),
        is_password,
    ),
    _AssignmentRule(
        "password",
        ("pass",),
        _given_to("(?<![A-Za-z0-9])pass|(?-i:(?<=[a-z])Pass)", _SIGN),
        is_secret_value,
    ),
    _AssignmentRule(
        "secret",
        (
            *("secret", "token", "credential"),
            *("\u5bc6\u94a5", "\u79d8\u94a5", "\u4ee4\u724c", "\u79c1\u94a5", "\u91d1\u9470"),
        ),
        _given_to(
            "(?:secret|token|credential)s?"
            "|\u5bc6\u94a5|\u79d8\u94a5|\u4ee4\u724c|\u79c1\u94a5|\u91d1\u9470"
        ),
        is_secret_value,
    ),
    _AssignmentRule(
        "secret",
        ("key",),
        _given_to(rf"(?:{_KEY_OF}|(?-i:(?<=[A-Z0-9]_)(?=KEY)))key(?:_base)?"),
        is_secret_value,
    ),
)

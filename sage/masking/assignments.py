"""Secrets given to a name: in code, settings, data and prose, English and Chinese."""

from __future__ import annotations

from sage.masking.rule import LONGEST_JUDGED, Rule
from sage.masking.shape import is_password, is_secret_value

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable

_CLOSED = r"[\"'`\])*]{0,3}"
_GIVEN = (
    r"(?:\s{0,4}(?::\s{0,2}[A-Za-z][\w.\[\] |]{0,40}?\s{0,2}=(?!=)|=>|:=|={1,3}|[:\uff1a\uff1d])"
    r"\s{0,4}"
    r"|\s(?:is|was|is now|set to|changed to)[\s:]\s{0,3}"
    r"|\s{0,2}(?:\u662f|\u4e3a|\u70ba|\u6539\u6210|\u6539\u4e3a)[:\uff1a\s]{0,2})"
)
_VALUE = (
    r"(?P<quote>[\"'`])?"
    r"(?=(?P<secret>(?(quote)[^\s\"'`]|[^\s\"'`,;<>\u0080-\U0010ffff])"
    rf"{{6,{LONGEST_JUDGED}}}+))"
)

_KEYS = "api access secret private auth encryption signing master shared service license"
_KEY_OF = "|".join(f"(?<={name})|(?<={name}[_. -])" for name in _KEYS.split())


def _named(kind: str, marks: str, names: str, accepts: Callable[[str], bool]) -> Rule:
    pattern = f"(?<!/)(?i:{names}){_CLOSED}{_GIVEN}{_VALUE}"
    return Rule(kind, tuple(marks.split()), pattern, accepts)


ASSIGNMENTS = (
    _named(
        "password",
        "pass pwd \u5bc6\u7801 \u5bc6\u78bc \u53e3\u4ee4",
        "pass(?:word|wd|phrase|code)|pwd|\u5bc6\u7801|\u5bc6\u78bc|\u53e3\u4ee4",
        is_password,
    ),
    _named(
        "secret",
        "secret token credential \u5bc6\u94a5 \u79d8\u94a5 \u4ee4\u724c \u79c1\u94a5 \u91d1\u9470",
        "(?:secret|token|credential)s?"
        "|\u5bc6\u94a5|\u79d8\u94a5|\u4ee4\u724c|\u79c1\u94a5|\u91d1\u9470",
        is_secret_value,
    ),
    _named(
        "secret", "key", rf"(?:{_KEY_OF}|(?-i:(?<=[A-Z0-9]_)(?=KEY)))key(?:_base)?", is_secret_value
    ),
)

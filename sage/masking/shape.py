"""Whether a value is shaped like a secret, rather than like a word, a name or a placeholder."""

from __future__ import annotations

import re
from functools import cache
from math import log2

_PLACEHOLDER = (
    r"(?i)your|example|placeholder|change.?me|redacted|masked|dummy|0123456789abcdef"
    r"|(?<![a-z0-9])(?:test|fake|foo|bar|sample|x{3,})(?![a-z0-9])|\.\.\.|\*\*\*|^[<$%{]|\$\{|\{\{|%\("
)
_PLACEHOLDER_PASSWORD = r"(?i)pass(?:word|wd)?\d?|pwd?|secret|token|key|user(?:name)?"  # noqa: S105
_CODE = (
    r"[A-Za-z_][\w.]*+[(\[{]|(?:True|False|None|true|false|null)\b|[\w.]{0,80}(?:Key|Token|Type)s?$"
    r"|[\w.-]*+\.(?:get|py|js|ts|go|json|ya?ml|toml|txt|pem|html?)\b"
)
_WORD = r"[A-Za-z]{0,20}\d{0,3}"
_SEPARATOR = r"[_./:,!?\\-]"
_SYMBOLS = frozenset("!#$%&*+?@^~")
_MIN_PASSWORD_CHARS = 8
_MIN_DENSE_CHARS = 16
_LONGER_THAN_WORDS = 32
_MIN_ENTROPY = 2.5
_MIN_DIGITS = 6


def is_dense(value: str) -> bool:
    """Return whether it holds a long run of letters and digits, as keys do and names do not."""
    runs = value.replace("_", "-").split("-")
    return any(
        len(run) >= (_MIN_DENSE_CHARS if _is_mixed(run) else _LONGER_THAN_WORDS)
        and _entropy(run) >= _MIN_ENTROPY
        for run in runs
    )


def is_mixed(value: str) -> bool:
    """Return whether it is more than letters, and no placeholder."""
    return _is_mixed(value) and not _is_placeholder(value)


def is_password_of_url(value: str) -> bool:
    """Return whether it may be a password in a URL: all but what stands for one there."""
    return not (_is_placeholder(value) or _matches(_PLACEHOLDER_PASSWORD, value))


def is_secret_value(value: str) -> bool:
    """Return whether a value given to a name such as `api_key` may be secret."""
    return (
        len(value) >= _MIN_PASSWORD_CHARS
        and _is_mixed(value)
        and _entropy(value) >= _MIN_ENTROPY
        and not (_is_placeholder(value) or _is_code(value) or _is_words(value))
    )


def is_password(value: str) -> bool:
    """Return whether a value given to a name such as `password` may be one."""
    return is_secret_value(value) or (value.isdecimal() and len(value) >= _MIN_DIGITS)


def _is_mixed(value: str) -> bool:
    """Return whether letters come with digits, or capitals and small letters with symbols."""
    if any(map(str.isdigit, value)):
        return any(map(str.isalpha, value))
    mixed_case = any(map(str.isupper, value)) and any(map(str.islower, value))
    return mixed_case and not _SYMBOLS.isdisjoint(value)


def _is_placeholder(value: str) -> bool:
    return _compiled(_PLACEHOLDER).search(value) is not None


def _is_code(value: str) -> bool:
    return _compiled(_CODE).match(value) is not None


def _is_words(value: str) -> bool:
    """Return whether it consists of several words and small numbers, as names and paths do."""
    parts = [part for part in _compiled(_SEPARATOR).split(value) if part]
    return len(parts) > 1 and all(_matches(_WORD, part) for part in parts)


def _entropy(value: str) -> float:
    """Return the bits of information a character has, by how often each occurs."""
    shares = [value.count(char) / len(value) for char in {*value}]
    return -sum(share * log2(share) for share in shares)


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)

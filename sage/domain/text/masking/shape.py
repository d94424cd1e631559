"""Whether a value is shaped like a secret, rather than like a word, a name or a placeholder."""

from __future__ import annotations

import re
from functools import cache
from math import log2

_PLACEHOLDER_WORD = (
    r"(?i)your|example|placeholder|change.?me|redacted|masked|dummy|0123456789abcdef"
    r"|(?<![a-z0-9])(?:test|fake|foo|bar|sample|x{3,})(?![a-z0-9])"
)
_PLACEHOLDER = (
    r"\.\.\.|\*\*\*|^[<{]|^[$%][A-Za-z_][\w:]*\W{0,2}$|^%[-.\d]*[sdrxf](?![A-Za-z0-9])"
    r"|^\$\(|\$\{|\{\{|%\("
)
_PLACEHOLDER_PASSWORD = r"(?i)pass(?:word|wd)?\d?|pwd?|secret|token|key|user(?:name)?"  # noqa: S105
_CODE = (
    r"\[?[A-Za-z_][\w.]*+[(\[{]|(?:True|False|None|true|false|null)\b|[\w.]{0,80}(?:Key|Token|Type)s?$"
    r"|[\w.-]*+\.(?:get|py|js|ts|go|json|ya?ml|toml|txt|pem|html?)\b"
)
_WORD = r"[A-Za-z]{0,20}\d{0,3}"
_WRITTEN_AS_NAMES = r"[A-Z]{1,40}\d{0,3}|[A-Z]?[a-z]{1,20}(?:[A-Z][a-z]{1,20}){0,5}\d{0,3}"
_SEPARATOR = r"[_./:,!?\\-]"
_SEPARATOR_OF_NAMES = r"[_./:,\\]"
_SYMBOLS = frozenset("!#$%&*+?@^~")
_MIN_PASSWORD_CHARS = 8
_MIN_DENSE_CHARS = 16
_MIN_REST_CHARS = 10
_LONGER_THAN_WORDS = 32
_MIN_ENTROPY = 2.5
_MIN_DIGITS = 6


def is_dense(value: str) -> bool:
    """Return whether a value has a long run of letters and digits, as in keys but not in names."""
    runs = value.replace("_", "-").split("-")
    return any(
        len(run) >= (_MIN_DENSE_CHARS if _is_mixed(run) else _LONGER_THAN_WORDS)
        and _entropy(run) >= _MIN_ENTROPY
        for run in runs
    )


def is_credential(value: str) -> bool:
    """Return whether a value may follow a word such as `Bearer`: no words, and no placeholder."""
    return _is_mixed(value) and not (_is_placeholder(value) and _is_words(value))


def is_password_of_url(value: str) -> bool:
    """Return whether a value may be a password in a URL: anything but a placeholder."""
    return not (_is_placeholder(value) or _matches(_PLACEHOLDER_PASSWORD, value))


def is_secret_value(value: str) -> bool:
    """Return whether a value assigned to a name such as `api_key` may be secret."""
    return _is_secret(value, _SEPARATOR)


def is_password(value: str) -> bool:
    """Return whether a value assigned to a name such as `password` may be a password.

    It may consist of words and a number, if names are not written like that: correct-horse-9.
    """
    return _is_secret(value, _SEPARATOR_OF_NAMES) or (
        value.isdecimal() and len(value) >= _MIN_DIGITS
    )


def is_session(cookies: str) -> bool:
    """Return whether a value of cookies may be secret; the name of the first is not included."""
    return any(is_secret_value(one.rpartition("=")[2].strip()) for one in cookies.split(";"))


def _is_secret(value: str, separator: str) -> bool:
    return (
        len(value) >= _MIN_PASSWORD_CHARS
        and _is_mixed(value)
        and _entropy(value) >= _MIN_ENTROPY
        and not (_is_placeholder(value) or _is_code(value) or _is_words(value, separator))
    )


def _is_mixed(value: str) -> bool:
    """Return whether letters are mixed with digits, or upper and lower case with symbols."""
    if any(map(str.isdigit, value)):
        return any(map(str.isalpha, value))
    mixed_case = any(map(str.isupper, value)) and any(map(str.islower, value))
    return mixed_case and not _SYMBOLS.isdisjoint(value)


def _is_placeholder(value: str) -> bool:
    """Return whether a value is a placeholder: nothing but the words of placeholders is random."""
    if _compiled(_PLACEHOLDER).search(value):
        return True
    rest, words = _compiled(_PLACEHOLDER_WORD).subn("-", value)
    return words > 0 and not any(
        len(part) >= _MIN_REST_CHARS and _is_mixed(part) and not _matches(_WRITTEN_AS_NAMES, part)
        for part in _compiled(_SEPARATOR).split(rest)
    )


def _is_code(value: str) -> bool:
    return _compiled(_CODE).match(value) is not None


def _is_words(value: str, separator: str = _SEPARATOR) -> bool:
    """Return whether a value consists of several words and small numbers, like names and paths."""
    parts = [part for part in _compiled(separator).split(value) if part]
    return len(parts) > 1 and all(_matches(_WORD, part) for part in parts)


def _entropy(value: str) -> float:
    """Return the entropy of a character in bits, from how often each occurs."""
    shares = [value.count(char) / len(value) for char in {*value}]
    return -sum(share * log2(share) for share in shares)


def _matches(pattern: str, value: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)

"""Private keys, complete or truncated."""

from __future__ import annotations

from sage.domain.text.masking.rule import SecretRule

_SPACE = r"(?:\s|\\[nrt]|<br ?/?>|[\"'+,>|#*])"  # also the prefixes of lines in quotes and comments
_BASE64 = r"[A-Za-z0-9+/=]"
_LABEL = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_HEADERS = rf"{_SPACE}{{1,8}}+(?:[A-Z][A-Za-z-]{{2,12}}: [^\n\\]{{0,80}}+{_SPACE}{{1,8}}+){{0,4}}+"

PRIVATE_KEYS = (
    SecretRule(
        "private_key",
        ("-----begin ",),
        # With an end mark the body may be anything; without one, the key ends with the base64 lines
        rf"-----BEGIN {_LABEL}{_HEADERS}(?:"
        rf"(?:{_SPACE}|{_BASE64})*+-----END {_LABEL}"
        rf"|{_BASE64}{{40,}}+(?:{_SPACE}{{1,8}}+{_BASE64}{{20,}}+)*+)",
    ),
    SecretRule(
        "private_key",
        ("private-lines:",),
        rf"Private-Lines: \d{{1,3}}(?P<secret>(?:\s{{1,4}}{_BASE64}{{16,}}+)++)",
    ),
    SecretRule("age_key", ("age-secret-key-",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
)

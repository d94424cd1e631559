"""Private keys, complete or truncated."""

from __future__ import annotations

from sage.domain.text.masking.rule import SecretRule

_SPACE = r"(?:\s|\\[nrt]|<br ?/?>|[\"'+,>|#*])"  # also what quotes and comments begin lines with
_BASE64 = r"[A-Za-z0-9+/=]"
_LABEL = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_HEADERS = rf"{_SPACE}{{1,8}}+(?:[A-Z][A-Za-z-]{{2,12}}: [^\n\\]{{0,80}}+{_SPACE}{{1,8}}+){{0,4}}+"

PRIVATE_KEYS = (
    SecretRule(
        "private_key",
        ("-----begin ",),
        # With its end, whatever its body is; without one, as far as lines of base64 go.
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

"""Password hashes, from which weak passwords can be guessed."""

from __future__ import annotations

from sage.domain.text.masking.rule import SecretRule

_ENCODED = "[./A-Za-z0-9]"

PASSWORD_HASHES = (
    SecretRule("password_hash", ("$2",), rf"\$2[abxy]?\$\d\d\${_ENCODED}{{53}}"),
    SecretRule(
        "password_hash",
        ("$1$", "$5$", "$6$"),
        rf"\$[156]\$(?:rounds=\d{{1,9}}\$)?{_ENCODED}{{1,16}}\${_ENCODED}{{22,86}}",
    ),
    SecretRule(
        "password_hash",
        ("$y$", "$gy$", "$7$"),
        rf"\$(?:g?y|7)\${_ENCODED}{{1,32}}\${_ENCODED}{{1,86}}\${_ENCODED}{{43}}",
    ),
    SecretRule(
        "password_hash",
        ("$argon2",),
        r"\$argon2i?d?\$(?:v=\d{1,3}\$)?[\w=,]{1,60}\$[A-Za-z0-9+/]{8,128}\$[A-Za-z0-9+/]{16,128}",
    ),
    SecretRule(
        "password_hash",
        ("pbkdf2", "scrypt:"),
        r"(?:pbkdf2[:_-]sha\d{1,3}|scrypt)[$:][\d:]{1,24}\$[A-Za-z0-9+/=]{4,64}"
        r"\$[A-Za-z0-9+/=]{32,172}",
    ),
)

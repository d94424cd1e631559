"""Secrets in the places where programs take them: URLs, headers, command lines, netrc."""

from __future__ import annotations

from sage.masking.rule import Rule
from sage.masking.shape import is_mixed, is_password_of_url, is_secret_value

CARRIERS = (
    Rule(
        "url_password",
        ("://",),
        r"://[^\s:/@\"'<>]{0,128}+:(?P<secret>[^\s@/\"'<>]{3,256}+)@(?=[\w\[])",
        is_password_of_url,
    ),
    Rule(
        "bearer_token",
        ("bearer",),
        r"(?i:bearer[ :=]{1,3})(?P<secret>[A-Za-z0-9._~+/-]{16,}+={0,2})",
        is_mixed,
    ),
    Rule(
        "basic_auth",
        ("authorization",),
        r"(?i:authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?basic )"
        r"(?P<secret>[A-Za-z0-9+/]{8,}+={0,2})",
    ),
    Rule(
        "basic_auth",
        ("curl",),
        r"curl[^\n]{0,200}?\s(?:-u|--user)[ =]{0,2}[\"']?[\w.@-]{1,64}+:"
        r"(?P<secret>[^\s\"']{6,128}+)",
        is_password_of_url,
    ),
    Rule(
        "netrc_password",
        ("login",),
        r"login\s{1,8}\S{1,64}\s{1,8}password\s{1,8}(?P<secret>\S{6,128}+)",
        is_password_of_url,
    ),
    Rule(
        "option",
        ("--",),
        r"(?i)--(?:password|passwd|passphrase|token|secret|api-?key|auth-?token)(?: |=)[\"']?"
        r"(?P<secret>[^\s\"'<>]{8,256}+)",
        is_secret_value,
    ),
)

"""Secrets in the places where programs expect them: URLs, headers, command lines, netrc."""

from __future__ import annotations

from sage.domain.text.masking.rule import SecretRule
from sage.domain.text.masking.shape import (
    is_credential,
    is_password,
    is_password_of_url,
    is_secret_value,
    is_session,
)

_NAMES = "password passwd pwd passphrase pass secret token key"
_MARKS = ("pass", "pwd", "secret", "token", "key")
_ANY_SECRET = rf"(?:{'|'.join(_NAMES.split())})"
_LINE = r"[^\n|;&]{0,120}?"  # of a command, up to an option

CARRIERS = (
    SecretRule(
        "url_password",
        ("://",),
        r"://[^\s:/@\"'<>]{0,128}+:(?P<secret>[^\s@/\"'<>]{3,256}+)@(?=[\w\[])",
        is_password_of_url,
    ),
    SecretRule(
        "bearer_token",
        ("bearer",),
        r"(?i:bearer[ :=]{1,3})(?P<secret>[A-Za-z0-9._~+/-]{16,}+={0,2})",
        is_credential,
    ),
    SecretRule(
        "basic_auth",
        ("authorization",),
        r"(?i:authorization[\\\"']{0,3}\s{0,4}[:=]\s{0,4}[\\\"']{0,3}basic )"
        r"(?P<secret>[A-Za-z0-9+/]{8,}+={0,2})",
    ),
    SecretRule(
        "cookie",
        ("cookie",),
        r"(?i:cookie)[\\\"']{0,3}\s{0,3}[:=]\s{0,3}[\\\"']{0,3}[\w.-]{1,64}+="
        r"(?P<secret>[^\n\\\"']{8,4096}+)",
        is_session,
    ),
    SecretRule(
        "basic_auth",
        ("curl",),
        rf"curl\s{_LINE}(?:-u|--user)[ =]{{0,2}}[\"']?[\w.@-]{{1,64}}+:"
        r"(?P<secret>[^\s\"']{6,128}+)",
        is_password_of_url,
    ),
    SecretRule(
        "option",
        ("mysql", "mariadb"),
        rf"(?:mysql|mariadb)(?:dump|admin|-dump|-admin)?\s{_LINE}(?<=\s)-p[\"']?"
        r"(?P<secret>[^\s\"']{6,128}+)",
        is_password,
    ),
    SecretRule(
        "option",
        ("sshpass", "docker login", "podman login"),
        rf"(?:sshpass|docker login|podman login)\s{_LINE}(?<=\s)"
        r"-p\s{0,2}[\"']?(?P<secret>[^\s\"']{6,128}+)",
        is_password_of_url,
    ),
    SecretRule(
        "netrc_password",
        ("login",),
        r"login\s{1,8}\S{1,64}\s{1,8}password\s{1,8}(?P<secret>\S{6,128}+)",
        is_password_of_url,
    ),
    SecretRule(
        "option",
        ("--",),
        r"(?i)--(?:password|passwd|passphrase|token|secret|api-?key|auth-?token)(?: |=)[\"']?"
        r"(?P<secret>[^\s\"'<>]{8,256}+)",
        is_secret_value,
    ),
    SecretRule(
        "password",
        _MARKS,
        rf"(?i:{_ANY_SECRET})>\s{{0,8}}(?P<secret>[^\s<>]{{6,256}}+)\s{{0,8}}</",
        is_password,
    ),
    SecretRule(
        "password",
        _MARKS,
        rf"(?i:{_ANY_SECRET})[`*]{{0,3}} {{1,40}}\| {{1,40}}[`*]{{0,3}}"
        r"(?P<secret>[^\s|`]{6,256}+)[`*]{0,3} {1,40}\|",
        is_password,
    ),
)

"""Mask secrets in what is captured: keys, tokens, passwords."""

from __future__ import annotations

import re

_SECRETS = re.compile(
    r"-----BEGIN (?P<kind>[A-Z ]*PRIVATE KEY)-----.*?(?:-----END (?P=kind)-----|\Z)"
    r"|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}"
    r"|\bglpat-[A-Za-z0-9_-]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bhf_[A-Za-z0-9]{30,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{35}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    re.DOTALL,
)
_NAMED = re.compile(
    r"""(?ix)
    \b(?P<name>(?:[a-z0-9]+[_-])*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key))
    (?P<is>["']?\s*[:=]\s*["']?)
    (?P<value>[^\s"',;<>]{6,})
    """
)
_IN_URL = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://[^\s:/@]+:)[^\s@/]+(?=@)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<scheme>\bBearer\s+)[A-Za-z0-9._~+/-]{16,}=*", re.IGNORECASE)

_MARKS = (
    *("-----BEGIN ", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"),
    *("xox", "hf_", "AKIA", "ASIA", "AIza", "eyJ"),
)
"""How secrets begin that are known by their form."""
_BEARER_MARK = "bearer"

MASK = "[masked]"


def masked(text: str) -> str:
    """Replace what looks like a secret by `[masked]`; names, schemes and users stay."""
    # Most messages hold no secret, and looking for a few characters is cheaper than matching.
    if any(mark in text for mark in _MARKS):
        text = _SECRETS.sub(MASK, text)
    if "://" in text and "@" in text:
        text = _IN_URL.sub(rf"\g<scheme>{MASK}", text)
    if _BEARER_MARK in text.casefold():
        text = _BEARER.sub(rf"\g<scheme>{MASK}", text)
    if ":" in text or "=" in text:
        text = _NAMED.sub(rf"\g<name>\g<is>{MASK}", text)
    return text

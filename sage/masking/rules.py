"""All rules. Where secrets overlap, they count as the kind that is listed first."""

from __future__ import annotations

from sage.masking.assignments import ASSIGNMENTS
from sage.masking.carriers import CARRIERS
from sage.masking.password_hashes import PASSWORD_HASHES
from sage.masking.private_keys import PRIVATE_KEYS
from sage.masking.vendor_tokens import VENDOR_TOKENS

RULES = (*VENDOR_TOKENS, *PRIVATE_KEYS, *PASSWORD_HASHES, *CARRIERS, *ASSIGNMENTS)

MARKS = tuple((mark, place) for place, rule in enumerate(RULES) for mark in rule.marks)
"""What to look for, with the place of its rule."""

LEAST_OF_TOKEN = r"[A-Za-z0-9_./+=~:-]{16}"  # noqa: S105 - a pattern
"""Stands in every token of VENDOR_TOKENS. Prose has no such word, mostly."""

MARKS_WITHOUT_TOKENS = tuple(one for one in MARKS if one[1] >= len(VENDOR_TOKENS))

"""The length of text as it is searched and embedded: in the Unicode normalization form NFKC.

One character may become eighteen in that form (U+FDFA), so that limits and windows count it.
"""

from __future__ import annotations

import unicodedata

_SLICE_CHARS = 4_096


def normalized_length(text: str, stop_at: int) -> int:
    """Count the characters of a text's NFKC form; a count above `stop_at` may be too small."""
    if text.isascii():
        return len(text)
    length = 0
    for start in range(0, len(text), _SLICE_CHARS):
        length += len(unicodedata.normalize("NFKC", text[start : start + _SLICE_CHARS]))
        if length > stop_at:
            break
    return length


def truncate_normalized(text: str, max_chars: int) -> str:
    """Return a text, or its beginning, whose NFKC form has at most `max_chars` characters."""
    cut = text[:max_chars]
    if normalized_length(cut, max_chars) <= max_chars:
        return cut
    return unicodedata.normalize("NFKC", cut)[:max_chars]

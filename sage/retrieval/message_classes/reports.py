"""Words by which somebody reports that something was done, in English and Chinese."""

from __future__ import annotations

import re

_CHANGED = r"done|fixed|added|changed|removed|updated|renamed|reverted|moved|wrote"
_HAN_CHANGED = "已|改了|修|加了|删"

TELLS_WHAT_CHANGED = re.compile(rf"\b(?:{_CHANGED}|because)\b|{_HAN_CHANGED}", re.IGNORECASE)
"""Something was changed, or has a reason: more than what was known."""
REPORTS_WORK = re.compile(
    rf"\b(?:{_CHANGED}|finished|implemented|touched|committed|pushed|merged|deployed|tests?"
    r"|checks? pass)\b"
    rf"|nothing is left|\bis in[;,.]|完成|做好|弄好|做完|搞定|没有遗留|{_HAN_CHANGED}",
    re.IGNORECASE,
)
"""A task was worked on, and how it went."""

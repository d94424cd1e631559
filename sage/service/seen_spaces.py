"""What searches saw of spaces lately: that they hold another language."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TypeAlias

_KEPT_S = 60.0
_KEPT_WITHOUT_S = 1.0
"""A language that is new to a space is found this much later: a look takes two statements, which
run while the question is embedded."""
_MAX_PLACES = 10_000

SpacePlace: TypeAlias = tuple[str, int, int]
"""A space, the id of a model, the language of the question."""


class LanguageCache:
    """Remembers which spaces hold memories in another language than that of a question.

    It does so for a minute, and where there is no other language for a second.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[SpacePlace, tuple[bool, float]] = OrderedDict()

    def holds_other(self, place: SpacePlace) -> bool | None:
        """Return whether there was another language, None where it has to be looked up."""
        holds, until = self._kept.get(place, (False, 0.0))
        return holds if time.monotonic() < until else None

    def keep(self, place: SpacePlace, *, holds_other: bool) -> None:
        """Remember what was seen just now."""
        kept_s = _KEPT_S if holds_other else _KEPT_WITHOUT_S
        self._kept[place] = (holds_other, time.monotonic() + kept_s)
        self._kept.move_to_end(place)
        if len(self._kept) > _MAX_PLACES:
            self._kept.popitem(last=False)

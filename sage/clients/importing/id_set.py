"""A compact set of ids: an import may contain millions of messages."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

_FIRST_PLACES = 1_024
_MASK = 2**64 - 1


class IdSet:
    """Ids by 64 of their random bits, in a table of which at most half is used."""

    def __init__(self) -> None:
        self._places = _empty(_FIRST_PLACES)
        self._used = 0

    def add(self, identifier: UUID) -> bool:
        """Add an id; return whether it was new."""
        key = identifier.int & _MASK or 1
        place = self._place_of(key)
        if self._places[place] == key:
            return False
        self._places[place] = key
        self._used += 1
        if 2 * self._used > len(self._places):
            self._grow()
        return True

    def _place_of(self, key: int) -> int:
        places = self._places
        last = len(places) - 1
        at = (key >> 3) & last  # the lowest bits of some ids are fixed
        while places[at] not in {0, key}:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        old, self._places = self._places, _empty(2 * len(self._places))
        for key in old:
            if key:
                self._places[self._place_of(key)] = key


def _empty(places: int) -> array[int]:
    return array("Q", bytes(8 * places))

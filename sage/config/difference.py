"""What differs between two configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sage.config.load import Configuration, EffectiveValue


class Difference(NamedTuple):
    """A variable that comes to two values, secrets masked."""

    first: EffectiveValue
    second: EffectiveValue


def differences(first: Configuration, second: Configuration) -> list[Difference]:
    """Return what differs, in the order of the variables.

    A value that is written out is the same as an equal default. Two secrets are compared as they
    are, though both are shown as a mask.
    """
    pairs = map(Difference, first.values, second.values)
    return [
        pair
        for pair in pairs
        if pair.first.value != pair.second.value
        or not first.same_secret(pair.first.variable, second)
    ]

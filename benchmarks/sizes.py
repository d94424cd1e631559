"""Calculate the cost of a number of memories from measured constants (sizes.toml).

Measured values are distinguished from those between and beyond the measured sizes.
"""

from __future__ import annotations

import math
import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sage.store.vector_indexes import MIN_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SIZES = tuple(10**power for power in range(3, 9))
SPACES = (None, 1_000)
"""The tables of docs/scale.md: one space (None), and spaces of this many memories."""

_FILE = Path(__file__).with_suffix(".toml")
_BLOCK = re.compile(r"(<!-- made by benchmarks sizes: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_THOUSAND, _MINUTE_S, _HOUR_S, _DAY_S = 1000, 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Value:
    """An amount in the unit of its quantity, and whether it was measured at this size."""

    amount: float
    measured: bool


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity that grows with the number of memories.

    `labels` are by language. `at` lists pairs of a number of memories and the value there: per
    memory if `each`, else per call. `by_space`: it depends on the size of a space only.
    `large_only`: spaces without an index have none. `sum` lists the quantities that it is the sum
    of.
    """

    name: str
    labels: Mapping[str, str]
    unit: str
    at: Sequence[tuple[int, float]] = ()
    sum: Sequence[str] = ()
    each: bool = False
    by_space: bool = False
    large_only: bool = False

    def value(self, memories: int, space: int | None) -> Value | None:
        """Return the value for a number of memories, in spaces of `space` (None: in one space)."""
        in_space = min(memories, space or memories)
        if self.large_only and in_space <= MIN_ROWS:
            return None
        size = in_space if self.by_space or self.large_only else memories
        amount = _on_power_law(self.at, min(size, self.at[-1][0]) if self.each else size)
        return Value(amount * (memories if self.each else 1), size in dict(self.at))


def quantities() -> list[Quantity]:
    """Return the quantities of sizes.toml."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))["quantity"]
    return [Quantity(labels={"en": one.pop("en"), "zh": one.pop("zh")}, **one) for one in tables]


def calculated(
    sizes: Sequence[int], space: int | None
) -> Iterator[tuple[Quantity, list[Value | None]]]:
    """Yield each quantity with its values, in the order of `sizes`."""
    known: dict[str, list[Value | None]] = {}
    for one in quantities():
        if one.sum:
            parts = [known[name] for name in one.sum]
            values: list[Value | None] = [_total(column) for column in zip(*parts, strict=True)]
        else:
            values = [one.value(memories, space) for memories in sizes]
        known[one.name] = values
        yield one, values


def rows_of(sizes: Sequence[int], space: int | None, language: str) -> Iterator[list[str]]:
    """Yield the rows of a table: a label, then a value for each size; measured ones are bold."""
    for quantity, values in calculated(sizes, space):
        if any(values):
            yield [quantity.labels[language], *(_cell(quantity, one) for one in values)]


def table(space: int | None, language: str) -> str:
    """Return the table of docs/scale.md, or of its Chinese page, in Markdown."""
    heading = [{"en": "memories", "zh": "记忆数"}[language], *(f"{size:,}" for size in SIZES)]
    rows = [heading, ["---", *("---:" for _ in SIZES)], *rows_of(SIZES, space, language)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def with_tables(page: str, language: str) -> str:
    """Return a page with its tables replaced, between `made by benchmarks sizes` and `end`."""
    spaces = {"one": None, "small": SPACES[-1]}
    return _BLOCK.sub(lambda at: f"{at[1]}{table(spaces[at[2]], language)}{at[3]}", page)


def _on_power_law(at: Sequence[tuple[int, float]], size: int) -> float:
    """Return the value interpolated or extrapolated from the two nearest points, in log scale."""
    if len(at) == 1 or size <= at[0][0]:
        return at[0][1]
    end = min(max(bisect_left(at, size, key=lambda one: one[0]), 1), len(at) - 1)
    (left, low), (right, high) = at[end - 1], at[end]
    slope = math.log(high / low) / math.log(right / left)
    return low * math.exp(slope * math.log(size / left))


def _total(column: Sequence[Value | None]) -> Value:
    found = [one for one in column if one]
    return Value(sum(one.amount for one in found), all(one.measured for one in found))


def _cell(quantity: Quantity, value: Value | None) -> str:
    if value is None:
        return "-"
    text = (_bytes if quantity.unit == "bytes" else _time)(value.amount)
    return f"**{text}**" if value.measured else text


def _bytes(amount: float) -> str:
    for unit in ("kB", "MB", "GB"):
        amount /= _THOUSAND
        if amount < _THOUSAND:
            return f"{_two_digits(amount)} {unit}"
    return f"{_two_digits(amount / _THOUSAND)} TB"


def _time(amount_s: float) -> str:
    if amount_s < 1:
        return f"{_two_digits(amount_s * _THOUSAND)} ms"
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if amount_s >= unit_s:
            return f"{_two_digits(amount_s / unit_s)} {unit}"
    return f"{_two_digits(amount_s)} s"


def _two_digits(amount: float) -> str:
    digits = 1 if amount < 10 else 0  # noqa: PLR2004
    return f"{amount:.{digits}f}"

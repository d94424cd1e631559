"""Plot the JSON of the benchmark `latency`: one panel per call, time over memories.

python -m benchmarks.plot BENCH.json OUTPUT.svg
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ARGUMENTS = 2
THOUSAND = 1000
PANELS = {
    "search": "search_memory",
    "context": "get_context",
    "save": "save_conversation",
    "health": "GET /health",
}
LINES = (  # what, its key, colour, dashes
    ("p95", ("call", "p95_ms"), "#9bb8d3", ""),
    ("p50", ("call", "p50_ms"), "#1f5f99", ""),
    ("floor, p50", ("floor", "p50_ms"), "#c2571a", "5 4"),
)
WIDE, HIGH = 210, 170
LEFT, TOP, GAP, BOTTOM = 46, 64, 50, 46
STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#333}"
    ".title{font-weight:600;font-size:13px}.axis{fill:#777;font-size:11px}"
)


def ticks_up_to(most: float) -> list[float]:
    """Return four or five round numbers from 0 that include `most`."""
    raw = most / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw)
    return [step * place for place in range(math.ceil(most / step) + 1)]


def short(number: float) -> str:
    """Format a number, in thousands if it is large."""
    return f"{number / THOUSAND:g}k" if number >= THOUSAND else f"{number:g}"


def panel(
    left: float, title: str, sizes: Sequence[int], series: Sequence[Sequence[float]]
) -> Iterator[str]:
    """Yield the SVG of the panel of one call."""
    ticks = ticks_up_to(max(max(values) for values in series))
    span = math.log10(sizes[-1] / sizes[0]) or 1

    def x(size: float) -> float:
        return left + WIDE * math.log10(size / sizes[0]) / span

    def y(value: float) -> float:
        return TOP + HIGH * (1 - value / ticks[-1])

    yield f'<text class="title" x="{left}" y="{TOP - 12}">{title}</text>'
    for tick in ticks:
        at = f"{y(tick):.1f}"
        yield f'<path d="M{left} {at}h{WIDE}" stroke="#e4e4e4"/>'
        yield f'<text class="axis" x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">'
        yield f"{tick:g}</text>"
    for size in sizes:
        yield f'<text class="axis" x="{x(size):.1f}" y="{TOP + HIGH + 18}" text-anchor="middle">'
        yield f"{short(size)}</text>"
    for (_, _, colour, dashes), values in zip(LINES, series, strict=True):
        points = [(x(size), y(value)) for size, value in zip(sizes, values, strict=True)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"'
        yield f' stroke-dasharray="{dashes}"/>'
        yield from (f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points)


def drawing(measured: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the SVG of the figure, with all panels."""
    sizes = [one["memories"] for one in measured]
    width = LEFT + len(PANELS) * (WIDE + GAP)
    height = TOP + HIGH + BOTTOM
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    yield "<title>Time of a call over the number of memories</title>"
    yield f'<style>{STYLE}</style><rect width="100%" height="100%" rx="8" fill="#fff"/>'
    for place, (what, _, colour, dashes) in enumerate(LINES):
        at = LEFT + 110 * place
        yield f'<path d="M{at} 22h24" stroke="{colour}" stroke-width="2"'
        yield f' stroke-dasharray="{dashes}"/><text x="{at + 30}" y="26">{what}</text>'
    for place, (call, title) in enumerate(PANELS.items()):
        series = [[one["compared"][call][a][b] for one in measured] for _, (a, b), *_ in LINES]
        yield from panel(LEFT + place * (WIDE + GAP), f"{title}, ms", sizes, series)
    where = f'x="{width / 2}" y="{height - 8}" text-anchor="middle"'
    yield f'<text class="axis" {where}>memories in the store</text></svg>'


if __name__ == "__main__":
    if len(sys.argv) != 1 + ARGUMENTS:
        sys.exit(__doc__)
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = "\n".join(drawing(report["latency"])) + "\n"
    Path(sys.argv[2]).write_text(text, encoding="utf-8")

"""Panels and dashboards, and the expressions that many of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OK, WARN, BAD = "green", "orange", "red"
ONE = 'instance=~"$instance"'
RATE = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    """One panel: `series` are expressions with their legends, `words` replace values of a stat.

    `unit` is one of Grafana's; `thresholds` are the values at which a stat changes its colour.
    """

    title: str
    description: str
    unit: str
    series: tuple[tuple[str, str], ...]
    kind: Literal["timeseries", "stat"] = "timeseries"
    width: int = 8
    height: int = 8
    maximum: float | None = None
    words: tuple[tuple[str, str], ...] = ()
    thresholds: tuple[tuple[float | None, str], ...] = ((None, OK),)


@dataclass(frozen=True)
class Dashboard:
    """A page of panels."""

    name: str
    title: str
    description: str
    panels: tuple[Panel, ...]


def stat(  # noqa: PLR0913 - what a panel has
    title: str,
    description: str,
    unit: str,
    expression: str,
    *,
    bad: tuple[tuple[float | None, str], ...] = ((None, OK),),
    words: tuple[tuple[str, str], ...] = (),
) -> Panel:
    """Return a small panel with one value for each instance."""
    return Panel(
        title,
        description,
        unit,
        ((expression, "{{instance}}"),),
        kind="stat",
        width=4,
        height=4,
        thresholds=bad,
        words=words,
    )


def quantiles(metric: str, labels: str, by: str) -> tuple[tuple[str, str], ...]:
    """Return the median and the 95th percentile of a histogram."""
    inside = f"{ONE}, {labels}" if labels else ONE
    legend = f" {{{{{by}}}}}" if by else ""
    groups = f"le, {by}" if by else "le"
    buckets = f"rate({metric}_bucket{{{inside}}}[{RATE}])"
    return tuple(
        (
            f"histogram_quantile({q}, sum by ({groups}) ({buckets}))",
            f"{name}{legend}",
        )
        for q, name in ((0.5, "p50"), (0.95, "p95"))
    )


def rate(metric: str, by: str, labels: str = "") -> str:
    """Return the rate of a counter, summed up by some labels."""
    inside = f"{ONE}, {labels}" if labels else ONE
    return f"sum by ({by}) (rate({metric}{{{inside}}}[{RATE}]))"

"""The page about monitoring lists every metric as the catalog describes it."""

import re

from sage.telemetry.metrics.catalog import INSTRUMENTS, READINGS
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")


def row_of(metric):
    kind = getattr(metric, "kind", type(metric).__name__.lower())
    labels = ", ".join(f"`{label}`" for label in getattr(metric, "label_values", ())) or "-"
    return f"| `{metric.name}` | {kind} | {labels} | {metric.description} |"


def test_every_metric_is_listed_in_its_order():
    listed = re.findall(r"^\| `\w+` \| (?:counter|gauge|histogram) .*$", PAGE, re.MULTILINE)
    assert listed == [row_of(metric) for metric in (*INSTRUMENTS, *READINGS)]

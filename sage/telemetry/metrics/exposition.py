"""The output for Prometheus: the instruments of all processes of a server, and the readings.

Imports prometheus_client: only servers import this module.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prometheus_client
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from sage.telemetry.metrics.catalog import INSTRUMENTS
from sage.telemetry.metrics.instruments import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from sage.telemetry.metrics.instruments import ObservedMetric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_MAKERS: Mapping[type, Callable[..., Any]] = {
    Counter: prometheus_client.Counter,
    Gauge: prometheus_client.Gauge,
    Histogram: prometheus_client.Histogram,
}


def start_metrics() -> None:
    """Start to count in this process; in a worker, for all workers of the server."""
    for instrument in INSTRUMENTS:
        instrument.make(_MAKERS[type(instrument)], _registry())


def render_metrics(readings: Mapping[ObservedMetric, float]) -> bytes:
    """Write all metrics in the text format of Prometheus. Takes milliseconds: call it in a thread.

    If the environment names a directory that workers share, the metrics of all of them are
    included.
    """
    shared = _registry()
    if shares_with_workers():
        shared = CollectorRegistry()
        shared.register(_SharedFiles())
    read = CollectorRegistry()
    read.register(_Readings(readings))
    return generate_latest(shared) + generate_latest(read)


def shares_with_workers() -> bool:
    """Return whether this process counts in a directory that the workers of a server share."""
    return bool(values.ValueClass._multiprocess)  # noqa: SLF001 - it is public nowhere else


def forget_worker(pid: int) -> None:
    """Remove the gauges of a worker that has ended; its counters remain."""
    mark_process_dead(pid)


@cache
def _registry() -> CollectorRegistry:
    """Return the registry of this process, without the defaults of prometheus_client."""
    disable_created_metrics()
    return CollectorRegistry()


class _Readings:
    """The readings as prometheus_client collects them."""

    def __init__(self, readings: Mapping[ObservedMetric, float]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        families = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}
        for reading, value in self._readings.items():
            yield families[reading.kind](reading.name, reading.description, value)


class _SharedFiles:
    """The instruments of all processes of a server, read from the directory where they count.

    prometheus_client creates a file empty, extends it afterwards, and reads an empty one as
    damaged: so files that are still empty are left out.
    """

    def collect(self) -> Iterable[Metric]:
        folder = Path(MultiProcessCollector(None)._path)  # noqa: SLF001 - public nowhere else
        files = [str(path) for path in folder.glob("*.db") if _is_begun(path)]
        metrics: Iterable[Metric] = MultiProcessCollector.merge(files)
        return metrics


def _is_begun(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:  # the gauges of a worker that has just ended
        return False

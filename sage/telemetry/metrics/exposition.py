"""What Prometheus reads: the instruments of all processes of a server, and what was read for it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sage.telemetry.metrics.catalog import INSTRUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import CollectorRegistry, Metric

    from sage.telemetry.metrics.instruments import Reading

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def start_metrics() -> None:
    """Begin to count in this process; in a worker, for all workers of the server."""
    for instrument in INSTRUMENTS:
        instrument.make(_registry())


def render_metrics(readings: Mapping[Reading, float]) -> bytes:
    """Write all metrics in the text format of Prometheus. Takes milliseconds: call it in a thread.

    Where the environment names a directory that workers share, it is read for all of them.
    """
    from prometheus_client import (  # noqa: PLC0415 - only a server pays for it
        CollectorRegistry,
        generate_latest,
    )

    if shares_with_workers():
        from sage.telemetry.metrics.shared_files import SharedFilesCollector  # noqa: PLC0415 - likewise

        shared = CollectorRegistry()
        shared.register(SharedFilesCollector())
    else:
        shared = _registry()
    read = CollectorRegistry()
    read.register(_ReadMetrics(readings))
    return generate_latest(shared) + generate_latest(read)


def shares_with_workers() -> bool:
    """Return whether this process counts in a directory that the workers of a server share."""
    from prometheus_client import values  # noqa: PLC0415 - only a server pays for it

    return bool(values.ValueClass._multiprocess)  # noqa: SLF001 - it is told nowhere else


def forget_worker(pid: int) -> None:
    """Drop the gauges of a worker that has ended; what it counted is kept."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

    mark_process_dead(pid)


class _ReadMetrics:
    """The readings as prometheus_client collects them."""

    def __init__(self, readings: Mapping[Reading, float]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415

        families = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}
        for reading, value in self._readings.items():
            yield families[reading.kind](reading.name, reading.description, value)


@cache
def _registry() -> CollectorRegistry:
    """Return the registry of this process, without the defaults of prometheus_client."""
    from prometheus_client import CollectorRegistry, disable_created_metrics  # noqa: PLC0415

    disable_created_metrics()
    return CollectorRegistry()

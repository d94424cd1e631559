"""Metrics that any module may declare and use.

A server creates them; in any other process, such as that of a command, prometheus_client is never
imported and values are discarded.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import product
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    import prometheus_client
    from opentelemetry.trace import Tracer

OPEN: Final = ()
"""The values of a label that are not known beforehand. They are chosen by Sage all the same."""

_LATENCIES_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_Made = TypeVar("_Made")


class Instrument(Generic[_Made]):
    """A metric with labels. The values of a label are known, or chosen by Sage: never by a user.

    If the values of all labels are known, every combination exists from the start, at zero.
    """

    def __init__(
        self,
        name: str,
        description: str,
        labels: Mapping[str, Sequence[str]] | None = None,
        **options: Any,  # noqa: ANN401 - those of the class of prometheus_client
    ) -> None:
        self.name = name
        self.description = description
        self.label_values = dict(labels or {})
        self._options = options
        self._made: Any = None
        self._children: dict[tuple[str, ...], Any] = {}
        """By the values of the labels: prometheus_client takes a lock for each look-up."""

    def make(
        self, maker: Callable[..., _Made], registry: prometheus_client.CollectorRegistry
    ) -> None:
        """Start to count in a metric that a class of prometheus_client creates in `registry`.

        A second call changes nothing.
        """
        if self._made is not None:
            return
        self._made = maker(
            self.name, self.description, self.label_values, registry=registry, **self._options
        )
        for values in product(*self.label_values.values()):
            self.labels(*values)

    def labels(self, *values: str) -> _Made:
        """Return the metric of prometheus_client with these values of the labels, in order.

        In a process that is not a server it discards values.
        """
        if self._made is None:
            return cast("_Made", _DROPPED)
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self._made.labels(*values) if values else self._made
        return cast("_Made", child)


class Counter(Instrument["prometheus_client.Counter"]):
    """Counts events; only a restart of Sage resets it to zero."""


class Gauge(Instrument["prometheus_client.Gauge"]):
    """A value that goes up and down; that of a server is the sum or maximum of its workers."""

    def __init__(
        self,
        name: str,
        description: str,
        labels: Mapping[str, Sequence[str]] | None = None,
        *,
        of_workers: Literal["sum", "max"] = "sum",
    ) -> None:
        super().__init__(name, description, labels, multiprocess_mode=f"live{of_workers}")


class Histogram(Instrument["prometheus_client.Histogram"]):
    """Counts durations in seconds by their length; with a `span` they can be traced, too."""

    def __init__(
        self,
        name: str,
        description: str,
        labels: Mapping[str, Sequence[str]] | None = None,
        *,
        span: str = "",
    ) -> None:
        super().__init__(name, description, labels, buckets=_LATENCIES_S)
        self.span = span
        self.tracer: Tracer | None = None
        """Creates a span for every block that is timed."""
        self._watching: ContextVar[dict[str, float] | None] = ContextVar(name, default=None)

    @asynccontextmanager
    async def time(self, *values: str) -> AsyncIterator[None]:
        """Record the duration of the block, or of each call of a decorated coroutine function."""
        began = perf_counter()
        try:
            if self.tracer is None:
                yield
            else:
                with self._spanning(self.tracer, values):
                    yield
        finally:
            took_s = perf_counter() - began
            self.labels(*values).observe(took_s)
            if (watched := self._watching.get()) is not None:
                name = " ".join(values)
                watched[name] = max(took_s, watched.get(name, 0.0))

    @contextmanager
    def watched(self) -> Iterator[Mapping[str, float]]:
        """Yield the durations that are measured in the block, in seconds by labels.

        Tasks started in the block are included. If there are several durations, the longest counts.
        """
        watched: dict[str, float] = {}
        token = self._watching.set(watched)
        try:
            yield watched
        finally:
            self._watching.reset(token)

    @contextmanager
    def _spanning(self, tracer: Tracer, values: tuple[str, ...]) -> Iterator[None]:
        """Create a span for the block, with the class of an error but not its message."""
        with tracer.start_as_current_span(
            " ".join((self.span, *values)), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__qualname__)
                raise


class _Dropped:
    """Replaces every metric in a process that is not a server."""

    def inc(self, amount: float = 1) -> None:
        """Discard the increment."""

    def set(self, value: float) -> None:
        """Discard the value."""

    def observe(self, amount: float) -> None:
        """Discard the duration."""


_DROPPED: Final = _Dropped()


@dataclass(frozen=True, slots=True)
class ObservedMetric:
    """A value that is read when Prometheus requests it, once for all workers."""

    name: str
    description: str
    kind: Literal["gauge", "counter"] = "gauge"

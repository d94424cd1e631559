"""Metrics that any module may declare and use; histograms are beside this module.

A server makes them; in any other process, such as that of a command, prometheus_client is never
imported and what is counted is dropped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prometheus_client import CollectorRegistry

OPEN: Final = ()
"""The values of a label that are not known beforehand. They are of Sage's choice all the same."""


class Instrument(ABC):
    """A metric with labels. The values of a label are known, or chosen by Sage: never by a user.

    Where the values of all labels are known, every combination is there from the start, at zero.
    """

    def __init__(
        self, name: str, description: str, labels: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.name = name
        self.description = description
        self.labels = dict(labels or {})
        self._made: Any = None
        self._children: dict[tuple[str, ...], Any] = {}

    def make(self, registry: CollectorRegistry) -> None:
        """Begin to count, in `registry`; a second call changes nothing."""
        if self._made is None:
            self._made = self._build(registry)
            if all(self.labels.values()):
                for values in product(*self.labels.values()):
                    self._child(values)

    @abstractmethod
    def _build(self, registry: CollectorRegistry) -> object:
        """Return the metric of prometheus_client."""

    def _child(self, values: tuple[str, ...]) -> Any:  # noqa: ANN401 - one of prometheus_client's
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self._made.labels(*values) if values else self._made
        return child


class Counter(Instrument):
    """Counts events; only a restart of Sage brings it back to zero."""

    def inc(self, *values: str, by: float = 1) -> None:
        """Count `by` events; `values` are those of the labels, in their order."""
        if self._made is not None:
            self._child(values).inc(by)

    def _build(self, registry: CollectorRegistry) -> object:
        from prometheus_client import Counter as Made  # noqa: PLC0415 - only a server pays for it

        return Made(self.name, self.description, tuple(self.labels), registry=registry)


class Gauge(Instrument):
    """A value that goes up and down; that of a server is the sum or maximum of its workers'."""

    def __init__(
        self,
        name: str,
        description: str,
        labels: Mapping[str, Sequence[str]] | None = None,
        *,
        of_workers: Literal["sum", "max"] = "sum",
    ) -> None:
        super().__init__(name, description, labels)
        self._of_workers = of_workers

    def set(self, value: float, *values: str) -> None:
        """Set the value of this process."""
        if self._made is not None:
            self._child(values).set(value)

    def _build(self, registry: CollectorRegistry) -> object:
        from prometheus_client import Gauge as Made  # noqa: PLC0415 - only a server pays for it

        mode: Literal["livesum", "livemax"] = "livesum" if self._of_workers == "sum" else "livemax"
        return Made(
            self.name,
            self.description,
            tuple(self.labels),
            registry=registry,
            multiprocess_mode=mode,
        )


class Reading:
    """A value that is read when Prometheus asks for it, once for all workers."""

    def __init__(
        self,
        name: str,
        description: str,
        *,
        kind: Literal["gauge", "counter"] = "gauge",
    ) -> None:
        self.name = name
        self.description = description
        self.kind = kind

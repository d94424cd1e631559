"""Histograms of durations, whose blocks can be traced as well."""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from sage.telemetry.metrics.instruments import Instrument

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from opentelemetry.trace import Span, Tracer
    from prometheus_client import CollectorRegistry

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_LATENCIES_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Histogram(Instrument):
    """Counts durations in seconds by their length; with a `span` they can be traced, too."""

    def __init__(
        self,
        name: str,
        description: str,
        labels: Mapping[str, Sequence[str]] | None = None,
        *,
        span: str = "",
    ) -> None:
        super().__init__(name, description, labels)
        self.span = span
        self._tracer: Tracer | None = None

    def observe(self, seconds: float, *values: str) -> None:
        """Count one duration."""
        if self._made is not None:
            self._child(values).observe(seconds)

    def time(self, *values: str) -> Timer:
        """Return a context manager that counts how long its block takes, whatever its outcome."""
        return Timer(self, values)

    def trace_with(self, tracer: Tracer | None) -> None:
        """Make a span of every block that is timed, or of none any more."""
        self._tracer = tracer

    def start_span(self, values: tuple[str, ...]) -> AbstractContextManager[Span] | None:
        """Return the span of a block, None where nothing is traced."""
        if self._tracer is None:
            return None
        return self._tracer.start_as_current_span(
            " ".join((self.span, *values)), record_exception=False, set_status_on_exception=False
        )

    def timed(
        self, *values: str
    ) -> Callable[
        [Callable[_Arguments, Awaitable[_Result]]],
        Callable[_Arguments, Coroutine[Any, Any, _Result]],
    ]:
        """Return a decorator that counts how long each call of a coroutine function takes."""

        def decorate(
            function: Callable[_Arguments, Awaitable[_Result]],
        ) -> Callable[_Arguments, Coroutine[Any, Any, _Result]]:
            @wraps(function)
            async def timed(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
                with self.time(*values):
                    return await function(*args, **kwargs)

            return timed

        return decorate

    def _build(self, registry: CollectorRegistry) -> object:
        from prometheus_client import Histogram as Made  # noqa: PLC0415 - only a server pays for it

        return Made(
            self.name,
            self.description,
            tuple(self.labels),
            registry=registry,
            buckets=_LATENCIES_S,
        )


class Timer:
    """Times one block. Its span names the class of an error, not its message."""

    __slots__ = ("_began_at", "_histogram", "_scope", "_span", "_values")

    def __init__(self, histogram: Histogram, values: tuple[str, ...]) -> None:
        self._histogram = histogram
        self._values = values
        self._began_at = 0.0
        self._scope = histogram.start_span(values)
        self._span: Span | None = None

    def __enter__(self) -> Self:
        if self._scope is not None:
            self._span = self._scope.__enter__()
        self._began_at = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._histogram.observe(time.perf_counter() - self._began_at, *self._values)
        if self._scope is not None and self._span is not None:
            if kind is not None:
                self._span.set_attribute("error.type", kind.__qualname__)
            self._scope.__exit__(kind, error, traceback)

"""Traces by OpenTelemetry: a span for every tool and every stage, sent to a collector.

The MCP SDK adds a span for each message, which continues the trace of a client that sends one.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sage.telemetry.metrics.catalog import INSTRUMENTS
from sage.telemetry.metrics.instruments import Histogram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_SEND_TIMEOUT_S = 2.0


def can_send_traces() -> bool:
    """Return whether the packages of the extra `otel` are installed."""
    return find_spec("opentelemetry.sdk") is not None


@asynccontextmanager
async def sending_traces(url: str | None, version: str) -> AsyncIterator[None]:
    """Send traces to a collector that speaks OTLP over HTTP, while the block runs.

    Without a `url`, or without the packages, nothing is traced. A collector that is unavailable
    delays no call: a thread sends the spans, and drops them when there are too many.
    """
    if url is None or not can_send_traces():
        yield
        return
    from opentelemetry import trace  # noqa: PLC0415 - most servers send no traces
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": "sage", "service.version": version})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=url, timeout=_SEND_TIMEOUT_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    traced = [one for one in INSTRUMENTS if isinstance(one, Histogram) and one.span]
    for histogram in traced:
        histogram.tracer = provider.get_tracer("sage", version)
    try:
        yield
    finally:
        for histogram in traced:
            histogram.tracer = None
        await asyncio.to_thread(provider.shutdown)

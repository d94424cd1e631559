"""Instruments: made by a server only, and at zero from the start where their labels are known."""

import asyncio

import prometheus_client
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from sage.telemetry.metrics.catalog import INSTRUMENTS, READINGS
from sage.telemetry.metrics.instruments import OPEN, Counter, Gauge, Histogram
from tests.support.scraping import parsed


@pytest.fixture
def registry():
    return CollectorRegistry()


def scraped(registry):
    return parsed(generate_latest(registry).decode())


def test_what_is_counted_before_a_server_starts_is_dropped(registry):
    counter = Counter("herons_total", "Herons")
    counter.labels().inc(5)
    counter.make(prometheus_client.Counter, registry)
    counter.labels().inc()
    assert scraped(registry).value("herons_total") == 1


def test_known_labels_are_there_at_zero(registry):
    birds = Counter("birds_total", "Birds", {"kind": ("heron", "owl"), "age": ("old",)})
    birds.make(prometheus_client.Counter, registry)
    scrape = scraped(registry)
    assert scrape.labels("birds_total", "kind") == {"heron", "owl"}
    assert scrape.value("birds_total") == 0


def test_open_labels_appear_with_their_first_event(registry):
    counter = Counter("seen_total", "Birds seen", {"kind": OPEN})
    counter.make(prometheus_client.Counter, registry)
    assert scraped(registry).value("seen_total") is None
    counter.labels("heron").inc()
    assert scraped(registry).value("seen_total", kind="heron") == 1


def test_a_second_start_changes_nothing(registry):
    gauge = Gauge("nests", "Nests")
    gauge.make(prometheus_client.Gauge, registry)
    gauge.labels().set(3)
    gauge.make(prometheus_client.Gauge, registry)
    assert scraped(registry).value("nests") == 3


async def test_a_block_and_a_call_are_timed_whatever_their_outcome(registry):
    histogram = Histogram("flight_seconds", "Flights", {"kind": ("owl", "heron")})

    @histogram.time("heron")
    async def fly():
        await asyncio.sleep(0)
        raise LookupError

    histogram.make(prometheus_client.Histogram, registry)
    with pytest.raises(LookupError):
        async with histogram.time("owl"):
            await fly()
    scrape = scraped(registry)
    assert scrape.value("flight_seconds_count", kind="owl") == 1
    assert scrape.value("flight_seconds_count", kind="heron") == 1


def test_names_follow_the_conventions():
    """The rules that `promtool check metrics` holds, and a prefix that says whose they are."""
    names = [one.name for one in (*INSTRUMENTS, *READINGS)]
    assert len(set(names)) == len(names)
    assert all(name.startswith(("sage_", "process_", "mcp_server_")) for name in names)
    for one in INSTRUMENTS:
        assert one.name.endswith("_total") is isinstance(one, Counter)
        if isinstance(one, Histogram):
            assert one.name.endswith("_seconds")
        assert not {"space", "tenant", "session", "user", "query"} & set(one.label_values)

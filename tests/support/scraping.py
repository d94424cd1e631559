"""What a server tells Prometheus, read back."""

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from sage.telemetry.metrics.exposition import render_metrics, start_metrics
from tests.support import plain_http


@dataclass(frozen=True)
class Scrape:
    """The samples of one scrape: (name, labels, value)."""

    samples: tuple

    def value(self, name, **labels):
        """Sum up the samples of a name that carry these labels; None where there is none."""
        found = [
            value
            for sample, given, value in self.samples
            if sample == name and labels.items() <= given.items()
        ]
        return sum(found) if found else None

    def labels(self, name, label):
        """Give the values of a label."""
        return {given.get(label) for sample, given, _ in self.samples if sample == name}

    @property
    def names(self):
        return {name for name, _, _ in self.samples}


def parsed(text):
    families = text_string_to_metric_families(text)
    return Scrape(tuple((s.name, s.labels, s.value) for one in families for s in one.samples))


def scrape(url, **options):
    """Scrape a server as Prometheus does."""
    answer = plain_http.get(f"{url}/metrics", **{"timeout": 10} | options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(answer.text)


def counted():
    """Give what this process has counted."""
    start_metrics()
    return parsed(render_metrics({}).decode())

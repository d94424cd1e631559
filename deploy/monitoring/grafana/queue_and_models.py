"""The embedding queue and the model providers."""

from __future__ import annotations

from panel import ONE, Dashboard, Panel, quantiles, rate

MODELS = Dashboard(
    "queue-and-models",
    "queue and models",
    "Embedding queue and model providers",
    (
        Panel(
            "Queue",
            "Memories waiting to be embedded, and those that permanently failed.",
            "short",
            (
                (f"sage_queue_pending{{{ONE}}}", "waiting"),
                (f"sage_queue_failed{{{ONE}}}", "failed"),
            ),
        ),
        Panel(
            "Age of the first memory in the queue",
            "An alert fires above 300 s.",
            "s",
            ((f"sage_queue_oldest_age_seconds{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Saved and embedded",
            "Memories stored and embedded per second.",
            "cps",
            (
                (rate("sage_memories_saved_total", "instance"), "saved"),
                (rate("sage_memories_embedded_total", "instance"), "embedded"),
            ),
        ),
        Panel(
            "Embedding calls",
            "Calls of the embedding model per second, by input and outcome.",
            "reqps",
            (
                (
                    rate("sage_embedding_calls_total", "provider, input, outcome"),
                    "{{provider}} {{input}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Duration of embedding calls, p95",
            "95th percentile, including retries.",
            "s",
            (quantiles("sage_embedding_duration_seconds", "", "input")[1],),
        ),
        Panel(
            "Query cache hit ratio",
            "Fraction of queries whose vector was cached.",
            "percentunit",
            (
                (
                    rate("sage_query_cache_lookups_total", "instance", 'result="hit"')
                    + " / "
                    + rate("sage_query_cache_lookups_total", "instance"),
                    "{{instance}}",
                ),
            ),
            maximum=1,
        ),
        Panel(
            "Provider requests",
            "HTTP requests per second by outcome; none with the local model.",
            "reqps",
            (
                (
                    rate("sage_provider_requests_total", "provider, operation, outcome"),
                    "{{provider}} {{operation}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Duration of provider requests, p95",
            "95th percentile of single HTTP requests, without retries.",
            "s",
            (quantiles("sage_provider_request_duration_seconds", "", "operation")[1],),
        ),
        Panel(
            "Circuit breakers",
            "1: open; requests to the provider are suspended because it failed repeatedly.",
            "short",
            ((f"sage_circuit_breaker_open{{{ONE}}}", "{{provider}} {{operation}}"),),
            maximum=1,
        ),
    ),
)

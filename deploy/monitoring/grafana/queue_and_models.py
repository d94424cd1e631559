"""Whether memories get their vectors, and whether the models answer."""

from __future__ import annotations

from panel import ONE, Dashboard, Panel, quantiles, rate

MODELS = Dashboard(
    "queue-and-models",
    "queue and models",
    "Do memories get their vectors, and do the models answer?",
    (
        Panel(
            "Queue",
            "Memories that wait for their vectors, and those that were given up.",
            "short",
            (
                (f"sage_queue_pending{{{ONE}}}", "waiting"),
                (f"sage_queue_failed{{{ONE}}}", "failed"),
            ),
        ),
        Panel(
            "Age of the first memory in the queue",
            "Above 300 s an alert fires.",
            "s",
            ((f"sage_queue_oldest_age_seconds{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Saved and embedded",
            "Memories a second that were stored, and that got their vectors.",
            "cps",
            (
                (rate("sage_memories_saved_total", "instance"), "saved"),
                (rate("sage_memories_embedded_total", "instance"), "embedded"),
            ),
        ),
        Panel(
            "Calls of the embedding model",
            "Calls a second by input and outcome.",
            "reqps",
            (
                (
                    rate("sage_embedding_calls_total", "provider, input, outcome"),
                    "{{provider}} {{input}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Duration of the embedding model, 95%",
            "With the retries of a provider.",
            "s",
            (quantiles("sage_embedding_duration_seconds", "", "input")[1],),
        ),
        Panel(
            "Cached questions",
            "Share of the questions whose vector was cached.",
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
            "Requests to providers",
            "HTTP requests a second by outcome; none with the local model.",
            "reqps",
            (
                (
                    rate("sage_provider_requests_total", "provider, operation, outcome"),
                    "{{provider}} {{operation}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Duration of requests to providers, 95%",
            "Single HTTP requests, without retries.",
            "s",
            (quantiles("sage_provider_request_duration_seconds", "", "operation")[1],),
        ),
        Panel(
            "Circuit breakers",
            "1: no requests are sent to a provider, since it failed again and again.",
            "short",
            ((f"sage_circuit_breaker_open{{{ONE}}}", "{{provider}} {{operation}}"),),
            maximum=1,
        ),
    ),
)

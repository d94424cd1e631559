"""The duration of searches and saves by stage."""

from __future__ import annotations

from panel import Dashboard, Panel, quantiles, rate

SEARCH_AND_SAVE = Dashboard(
    "search-and-save",
    "search and save",
    "Duration of searches and saves by stage",
    (
        Panel(
            "Search duration by stage, p95",
            "p95; `embed` runs concurrently with `words` and `languages`, then `meaning`.",
            "s",
            (quantiles("sage_search_stage_duration_seconds", "", "stage")[1],),
            width=12,
        ),
        Panel(
            "Save duration by stage",
            "Sage computes the lexemes; the rest is one statement in the database.",
            "s",
            quantiles("sage_save_stage_duration_seconds", "", "stage"),
            width=12,
        ),
        Panel(
            "Duration of searches",
            "Duration of search_memory.",
            "s",
            quantiles("sage_tool_duration_seconds", 'tool="search_memory"', ""),
        ),
        Panel(
            "Duration of contexts",
            "Duration of get_context: a search, and the messages around its results.",
            "s",
            quantiles("sage_tool_duration_seconds", 'tool="get_context"', ""),
        ),
        Panel(
            "Duration of saves",
            "Duration of save_conversation.",
            "s",
            quantiles("sage_tool_duration_seconds", 'tool="save_conversation"', ""),
        ),
        Panel(
            "Saves by result",
            "Saves per second; replay: already stored, rejected: the key belongs to another save.",
            "reqps",
            ((rate("sage_saves_total", "result"), "{{result}}"),),
        ),
        Panel(
            "Degraded searches",
            "Searches and contexts per second that lacked a component, by component.",
            "reqps",
            ((rate("sage_degraded_answers_total", "part"), "{{part}}"),),
        ),
        Panel(
            "Tool calls by outcome",
            "Calls per second by outcome; error names are those of Sage's errors.",
            "reqps",
            ((rate("sage_tool_calls_total", "outcome"), "{{outcome}}"),),
        ),
    ),
)

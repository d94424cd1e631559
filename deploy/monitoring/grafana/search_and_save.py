"""Where the time of a search and of a save goes."""

from __future__ import annotations

from panel import Dashboard, Panel, quantiles, rate

SEARCH_AND_SAVE = Dashboard(
    "search-and-save",
    "search and save",
    "Where does the time of a search and of a save go?",
    (
        Panel(
            "Stages of a search, 95%",
            "Embed runs at the same time as words and languages; meaning begins after them.",
            "s",
            (quantiles("sage_search_stage_duration_seconds", "", "stage")[1],),
            width=12,
        ),
        Panel(
            "Stages of a save",
            "Lexemes are cut in Sage, the rest is one statement in the database.",
            "s",
            quantiles("sage_save_stage_duration_seconds", "", "stage"),
            width=12,
        ),
        Panel(
            "Searches",
            "Duration of search_memory.",
            "s",
            quantiles("sage_tool_duration_seconds", 'tool="search_memory"', ""),
        ),
        Panel(
            "Contexts",
            "Duration of get_context: a search, and what stands around its hits.",
            "s",
            quantiles("sage_tool_duration_seconds", 'tool="get_context"', ""),
        ),
        Panel(
            "Saves",
            "Duration of save_conversation.",
            "s",
            quantiles("sage_tool_duration_seconds", 'tool="save_conversation"', ""),
        ),
        Panel(
            "Saves by result",
            "Saves a second; replay: stored before, rejected: its key belongs to another one.",
            "reqps",
            ((rate("sage_saves_total", "result"), "{{result}}"),),
        ),
        Panel(
            "Degraded answers",
            "Answers a second from which a part was missing.",
            "reqps",
            ((rate("sage_degraded_answers_total", "part"), "{{part}}"),),
        ),
        Panel(
            "Outcomes of tools",
            "Calls a second by outcome; the names are those of Sage's errors.",
            "reqps",
            ((rate("sage_tool_calls_total", "outcome"), "{{outcome}}"),),
        ),
    ),
)

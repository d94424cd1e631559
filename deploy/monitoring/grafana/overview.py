"""Whether Sage is well, how much is asked of it and how fast it answers."""

from __future__ import annotations

from panel import BAD, OK, ONE, WARN, Dashboard, Panel, rate, stat

OVERVIEW = Dashboard(
    "overview",
    "overview",
    "Is Sage well, how much is asked of it, and how fast does it answer?",
    (
        stat(
            "Sage",
            "Whether Prometheus reaches Sage.",
            "none",
            f'up{{job="sage", {ONE}}}',
            bad=((None, BAD), (1, OK)),
            words=(("0", "down"), ("1", "up")),
        ),
        stat(
            "Database",
            "Whether the database answered the last scrape in time.",
            "none",
            f"sage_database_up{{{ONE}}}",
            bad=((None, BAD), (1, OK)),
            words=(("0", "down"), ("1", "up")),
        ),
        stat(
            "Memories",
            "Messages that are stored and not forgotten.",
            "short",
            f"sage_memories{{{ONE}}}",
        ),
        stat(
            "Waiting in the queue",
            "Memories that have no vectors yet: they are found by their words.",
            "short",
            f"sage_queue_pending{{{ONE}}}",
            bad=((None, OK), (1000, WARN)),
        ),
        stat(
            "Age of the newest backup",
            "Time since the newest verified backup; 56 years when there is none.",
            "s",
            f"time() - sage_backup_last_success_timestamp_seconds{{{ONE}}}",
            bad=((None, OK), (93_600, BAD)),
        ),
        stat(
            "Running since",
            "Time since the server started.",
            "s",
            f'time() - process_start_time_seconds{{job="sage", {ONE}}}',
        ),
        Panel(
            "Calls of tools",
            "Calls a second by tool, over MCP and REST.",
            "reqps",
            ((f"sum by (tool) (sage:tool_calls:rate5m{{{ONE}}})", "{{tool}}"),),
        ),
        Panel(
            "Failed calls",
            "Share of the calls that failed by Sage's fault, in the last five minutes and hour.",
            "percentunit",
            (
                (f"sage:tool_failures:ratio_rate5m{{{ONE}}}", "tools, 5 min"),
                (f"sage:tool_failures:ratio_rate1h{{{ONE}}}", "tools, 1 h"),
                (f"sage:http_failures:ratio_rate5m{{{ONE}}}", "HTTP, 5 min"),
            ),
        ),
        Panel(
            "Duration of calls, 95%",
            "Nineteen of twenty calls of a tool take no longer.",
            "s",
            ((f"sage:tool_duration_seconds:p95_5m{{{ONE}}}", "{{tool}}"),),
        ),
        Panel(
            "HTTP requests by status",
            "Requests a second; 401: no valid token, 421: a foreign host.",
            "reqps",
            ((rate("sage_http_requests_total", "status"), "{{status}}"),),
        ),
        Panel(
            "HTTP requests by route",
            "Requests a second; `other` has no route, or was refused before it was looked for.",
            "reqps",
            ((rate("sage_http_requests_total", "route"), "{{route}}"),),
        ),
        Panel(
            "MCP messages",
            "Messages a second by method.",
            "reqps",
            (
                (
                    rate("mcp_server_operation_duration_seconds_count", "mcp_method_name"),
                    "{{mcp_method_name}}",
                ),
            ),
        ),
    ),
)

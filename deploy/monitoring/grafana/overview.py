"""The state, the load and the latency of Sage."""

from __future__ import annotations

from panel import BAD, OK, ONE, WARN, Dashboard, Panel, rate, stat

OVERVIEW = Dashboard(
    "overview",
    "overview",
    "State, load and latency of Sage",
    (
        stat(
            "Sage",
            "Whether Prometheus can scrape Sage.",
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
            "Queued memories",
            "Memories that are not embedded yet; they are found by keyword.",
            "short",
            f"sage_queue_pending{{{ONE}}}",
            bad=((None, OK), (1000, WARN)),
        ),
        stat(
            "Age of the newest backup",
            "Time since the newest verified backup; 56 years if there is none.",
            "s",
            f"time() - sage_backup_last_success_timestamp_seconds{{{ONE}}}",
            bad=((None, OK), (93_600, BAD)),
        ),
        stat(
            "Uptime",
            "Time since the server started.",
            "s",
            f'time() - process_start_time_seconds{{job="sage", {ONE}}}',
        ),
        Panel(
            "Tool calls",
            "Calls per second by tool, over MCP and REST.",
            "reqps",
            ((f"sum by (tool) (sage:tool_calls:rate5m{{{ONE}}})", "{{tool}}"),),
        ),
        Panel(
            "Failed calls",
            "Ratio of failed calls over five minutes and an hour, without invalid arguments.",
            "percentunit",
            (
                (f"sage:tool_failures:ratio_rate5m{{{ONE}}}", "tools, 5 min"),
                (f"sage:tool_failures:ratio_rate1h{{{ONE}}}", "tools, 1 h"),
                (f"sage:http_failures:ratio_rate5m{{{ONE}}}", "HTTP, 5 min"),
            ),
        ),
        Panel(
            "Duration of tool calls, p95",
            "95th percentile of the duration by tool.",
            "s",
            ((f"sage:tool_duration_seconds:p95_5m{{{ONE}}}", "{{tool}}"),),
        ),
        Panel(
            "HTTP requests by status",
            "Requests per second; 401: no valid token, 421: unknown host.",
            "reqps",
            ((rate("sage_http_requests_total", "status"), "{{status}}"),),
        ),
        Panel(
            "HTTP requests by route",
            "Requests per second; `other`: no route, or rejected before routing.",
            "reqps",
            ((rate("sage_http_requests_total", "route"), "{{route}}"),),
        ),
        Panel(
            "MCP messages",
            "Messages per second by method.",
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

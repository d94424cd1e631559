"""What Sage and its database use, and what becomes scarce."""

from __future__ import annotations

from panel import ONE, Dashboard, Panel, rate

RESOURCES = Dashboard(
    "resources",
    "database and processes",
    "What do Sage and its database use, and what becomes scarce?",
    (
        Panel(
            "Connections to the database",
            "Open, unused and allowed connections of all workers.",
            "short",
            (
                (f"sage_database_pool_size{{{ONE}}}", "open"),
                (f"sage_database_pool_idle{{{ONE}}}", "unused"),
                (f"sage_database_pool_limit{{{ONE}}}", "allowed"),
            ),
        ),
        Panel(
            "Calls that wait for a connection",
            "More than 0 for minutes: the database is slow, or there are too few connections.",
            "short",
            ((f"sage_database_pool_waiting{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Size of the database",
            "Tables and indexes on the disk of the database.",
            "bytes",
            ((f"sage_database_size_bytes{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Free space",
            "Share of the file system of the data directory that is free.",
            "percentunit",
            ((f"sage:disk_free:ratio{{{ONE}}}", "{{instance}}"),),
            maximum=1,
        ),
        Panel(
            "Delay of the event loop, 99%",
            "How late a timer runs: the time by which every call may be held up.",
            "s",
            ((f"sage:event_loop_lag_seconds:p99_5m{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Delay of the replica",
            "Age of the newest commit that the server of DATABASE_READ_URL has replayed.",
            "s",
            ((f"sage_replica_lag_seconds{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Processor",
            "Processors in use by all processes of the server; its database is not part of them.",
            "short",
            ((rate("process_cpu_seconds_total", "instance", 'job="sage"'), "{{instance}}"),),
        ),
        Panel(
            "Memory",
            "Resident memory of all processes of the server.",
            "bytes",
            ((f'process_resident_memory_bytes{{job="sage", {ONE}}}', "{{instance}}"),),
        ),
        Panel(
            "File descriptors",
            "Open files and connections, and how many one process may have.",
            "short",
            (
                (f'process_open_fds{{job="sage", {ONE}}}', "open"),
                (f'process_max_fds{{job="sage", {ONE}}}', "allowed"),
            ),
        ),
        Panel(
            "Processes",
            "One, or the workers and the process that starts them.",
            "short",
            ((f"sage_processes{{{ONE}}}", "{{instance}}"),),
        ),
    ),
)

"""Resource usage of Sage and its database."""

from __future__ import annotations

from panel import ONE, Dashboard, Panel, rate

RESOURCES = Dashboard(
    "resources",
    "database and processes",
    "Resource usage of Sage and its database",
    (
        Panel(
            "Database connections",
            "Open, idle and maximum connections of all workers.",
            "short",
            (
                (f"sage_database_pool_size{{{ONE}}}", "open"),
                (f"sage_database_pool_idle{{{ONE}}}", "idle"),
                (f"sage_database_pool_limit{{{ONE}}}", "maximum"),
            ),
        ),
        Panel(
            "Calls waiting for a connection",
            "If above 0 for minutes: the database is slow, or there are too few connections.",
            "short",
            ((f"sage_database_pool_waiting{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Database size",
            "Tables and indexes on the disk of the database.",
            "bytes",
            ((f"sage_database_size_bytes{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Free disk space",
            "Free fraction of the file system of the data directory.",
            "percentunit",
            ((f"sage:disk_free:ratio{{{ONE}}}", "{{instance}}"),),
            maximum=1,
        ),
        Panel(
            "Event loop lag, p99",
            "How late timers run; every call may be delayed by this.",
            "s",
            ((f"sage:event_loop_lag_seconds:p99_5m{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "Replica lag",
            "Age of the newest commit that the server of DATABASE_READ_URL has replayed.",
            "s",
            ((f"sage_replica_lag_seconds{{{ONE}}}", "{{instance}}"),),
        ),
        Panel(
            "CPU usage",
            "Processors used by all processes of the server, without its database.",
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
            "Open files and connections, and the maximum for one process.",
            "short",
            (
                (f'process_open_fds{{job="sage", {ONE}}}', "open"),
                (f'process_max_fds{{job="sage", {ONE}}}', "maximum"),
            ),
        ),
        Panel(
            "Processes",
            "One, or the workers and their parent process.",
            "short",
            ((f"sage_processes{{{ONE}}}", "{{instance}}"),),
        ),
    ),
)

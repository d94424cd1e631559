"""All metrics of Sage, in the order in which the documentation lists them."""

from __future__ import annotations

from sage.telemetry.metrics.instruments import (
    OPEN,
    Counter,
    Gauge,
    Histogram,
    Instrument,
    ObservedMetric,
)

CAPTURING_CLIENTS = (
    *("claude-code", "codex", "cursor", "vscode", "copilot"),
    *("gemini-cli", "opencode", "qwen-code", "windsurf"),
)
OTHER_CLIENT = "other"
_PROVIDERS = {"provider": OPEN, "operation": OPEN}

BUILD = Gauge(
    "sage_build_info",
    "Always 1; the labels name the release of Sage and of Python",
    {"version": OPEN, "python": OPEN},
    of_workers="max",
)

HTTP_REQUESTS = Counter(
    "sage_http_requests_total",
    "Requests by route, method and status; 499: the client was gone before the answer",
    {"method": OPEN, "route": OPEN, "status": OPEN},
)
HTTP_DURATION = Histogram(
    "sage_http_request_duration_seconds",
    "Time from a request to the end of its answer",
    {"method": OPEN, "route": OPEN},
)
MCP_DURATION = Histogram(
    "mcp_server_operation_duration_seconds",
    "Time that an MCP message took, by the conventions of OpenTelemetry",
    {"mcp_method_name": OPEN, "gen_ai_tool_name": OPEN, "error_type": OPEN},
)
TOOL_CALLS = Counter(
    "sage_tool_calls_total",
    "Calls of a tool over MCP or REST; the outcome is ok or the kind of error",
    {"tool": OPEN, "outcome": OPEN},
)
TOOL_DURATION = Histogram(
    "sage_tool_duration_seconds",
    "Time that a tool took, over MCP or REST",
    {"tool": OPEN},
    span="tool",
)

AUDIT_EVENTS = Counter(
    "sage_audit_events_total",
    "Events of the audit log; lost: too many waited for a database that was away",
    {"result": ("written", "lost")},
)
RECALLS = Counter(
    "sage_recalls_recorded_total",
    "Occasions on which memories were handed out, by whether that was recorded; lost: the database"
    " was away, or too many waited for it",
    {"result": ("written", "lost")},
)

SAVES = Counter(
    "sage_saves_total",
    "Saves; replay: stored before, rejected: its key was used for another one, failed: not stored",
    {"result": ("new", "replay", "rejected", "failed")},
)
MEMORIES_SAVED = Counter("sage_memories_saved_total", "Memories that new saves stored")
MEMORIES_CAPTURED = Counter(
    "sage_memories_captured_total",
    "Memories that hooks of AI clients stored",
    {"client": (*CAPTURING_CLIENTS, OTHER_CLIENT)},
)
SAVE_STAGE = Histogram(
    "sage_save_stage_duration_seconds",
    "Time that a stage of a save took",
    {"stage": ("lexemes", "store")},
    span="save",
)
SEARCH_STAGE = Histogram(
    "sage_search_stage_duration_seconds",
    "Time that a stage of a search took; embed runs at the same time as words and languages",
    {"stage": ("parse", "words", "embed", "languages", "meaning", "rank", "read", "rerank")},
    span="search",
)
DEGRADED = Counter(
    "sage_degraded_answers_total",
    "Answers to searches and contexts from which a part was missing",
    {"part": ("embedding", "vectors", "reranker", "summary")},
)

MEMORIES_EMBEDDED = Counter("sage_memories_embedded_total", "Memories that got their vectors")
EMBEDDING_CALLS = Counter(
    "sage_embedding_calls_total",
    "Calls of the embedding model; the outcome is ok or the fault",
    {"provider": OPEN, "input": OPEN, "outcome": OPEN},
)
EMBEDDING_DURATION = Histogram(
    "sage_embedding_duration_seconds",
    "Time that a call of the embedding model took, with its retries",
    {"provider": OPEN, "input": OPEN},
)
QUERY_CACHE = Counter(
    "sage_query_cache_lookups_total",
    "Questions by whether their vector was cached",
    {"result": ("hit", "miss")},
)
PROVIDER_REQUESTS = Counter(
    "sage_provider_requests_total",
    "HTTP requests to a provider of models; the outcome is ok or the fault",
    {**_PROVIDERS, "outcome": OPEN},
)
PROVIDER_DURATION = Histogram(
    "sage_provider_request_duration_seconds",
    "Time that an HTTP request to a provider of models took",
    _PROVIDERS,
)
BREAKER_OPEN = Gauge(
    "sage_circuit_breaker_open",
    "1 while calls to a provider are not sent since it failed, else 0",
    _PROVIDERS,
    of_workers="max",
)

POOL_SIZE = Gauge("sage_database_pool_size", "Open connections to the database")
POOL_IDLE = Gauge("sage_database_pool_idle", "Open connections that nobody uses")
POOL_WAITING = Gauge("sage_database_pool_waiting", "Calls that wait for a connection")
POOL_LIMIT = Gauge("sage_database_pool_limit", "Connections that may be open at most")
LOOP_LAG = Histogram(
    "sage_event_loop_lag_seconds", "How late the event loop ran a timer, twice a second"
)

DATABASE_UP = ObservedMetric(
    "sage_database_up", "1 when the database answered a ping in time, else 0"
)
DATABASE_BYTES = ObservedMetric("sage_database_size_bytes", "Size of the database on its disk")
CHECKSUM_FAILURES = ObservedMetric(
    "sage_database_checksum_failures_total",
    "Damaged pages that the database has read; missing where its pages have no checksums",
    kind="counter",
)
MEMORIES = ObservedMetric(
    "sage_memories", "Memories that are stored and not forgotten; about so many above a million"
)
QUEUE_PENDING = ObservedMetric("sage_queue_pending", "Memories that wait for their vectors")
QUEUE_FAILED = ObservedMetric("sage_queue_failed", "Memories whose embedding was given up")
QUEUE_AGE = ObservedMetric(
    "sage_queue_oldest_age_seconds", "How long the first memory of the queue has waited"
)
INDEX_BUILD = ObservedMetric(
    "sage_index_build_progress_ratio",
    "The part that is done of the build of an index over vectors; missing while none is built",
)
INDEX_BUILD_LEFT = ObservedMetric(
    "sage_index_build_remaining_seconds",
    "About how long that build still takes; missing while that is not known",
)
REPLICA_UP = ObservedMetric(
    "sage_replica_up", "1 when the server of DATABASE_READ_URL follows the primary, else 0"
)
REPLICA_BYTES = ObservedMetric(
    "sage_replica_lag_bytes", "How much of the primary's log the replica has not replayed"
)
REPLICA_AGE = ObservedMetric(
    "sage_replica_lag_seconds",
    "Age of the newest commit that the replica has replayed; 0 while it has all",
)
LAST_BACKUP = ObservedMetric(
    "sage_backup_last_success_timestamp_seconds",
    "When the newest verified backup was made, in Unix time; 0 when there is none",
)
LAST_CAPTURE = ObservedMetric(
    "sage_capture_last_success_timestamp_seconds",
    "When hooks of AI clients last captured something, in Unix time; 0 when they never did",
)
CAPTURE_WAITING = ObservedMetric(
    "sage_capture_waiting_events", "Events of hooks that wait to be captured"
)
CAPTURE_FAILING = ObservedMetric(
    "sage_capture_failing_clients", "AI clients whose last capture went wrong"
)
DISK_BYTES = ObservedMetric("sage_disk_size_bytes", "Size of the file system of the data directory")
DISK_FREE = ObservedMetric(
    "sage_disk_free_bytes", "Free space in the file system of the data directory"
)
PROCESSES = ObservedMetric(
    "sage_processes", "Processes of the server: one, or the workers and their parent"
)
CPU_SECONDS = ObservedMetric(
    "process_cpu_seconds_total", "Processor time of these processes", kind="counter"
)
RESIDENT_BYTES = ObservedMetric("process_resident_memory_bytes", "Memory that these processes hold")
OPEN_FDS = ObservedMetric("process_open_fds", "File descriptors that these processes have open")
MAX_FDS = ObservedMetric("process_max_fds", "File descriptors that one process may have open")
START_TIME = ObservedMetric("process_start_time_seconds", "When the server started, in Unix time")

INSTRUMENTS = tuple(value for value in globals().values() if isinstance(value, Instrument))
READINGS = tuple(value for value in globals().values() if isinstance(value, ObservedMetric))

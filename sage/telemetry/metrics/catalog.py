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
    "Always 1; the labels contain the versions of Sage and Python",
    {"version": OPEN, "python": OPEN},
    of_workers="max",
)

HTTP_REQUESTS = Counter(
    "sage_http_requests_total",
    "Requests by route, method and status; 499: the client disconnected before the response",
    {"method": OPEN, "route": OPEN, "status": OPEN},
)
HTTP_DURATION = Histogram(
    "sage_http_request_duration_seconds",
    "Time from a request to the end of its response",
    {"method": OPEN, "route": OPEN},
)
MCP_DURATION = Histogram(
    "mcp_server_operation_duration_seconds",
    "Duration of an MCP message, by the conventions of OpenTelemetry",
    {"mcp_method_name": OPEN, "gen_ai_tool_name": OPEN, "error_type": OPEN},
)
TOOL_CALLS = Counter(
    "sage_tool_calls_total",
    "Calls of a tool over MCP or REST; the outcome is ok or the kind of error",
    {"tool": OPEN, "outcome": OPEN},
)
TOOL_DURATION = Histogram(
    "sage_tool_duration_seconds",
    "Duration of a tool call, over MCP or REST",
    {"tool": OPEN},
    span="tool",
)

AUDIT_EVENTS = Counter(
    "sage_audit_events_total",
    "Events of the audit log; lost: the database was unavailable and too many events waited",
    {"result": ("written", "lost")},
)
RECALLS = Counter(
    "sage_recalls_recorded_total",
    "Occasions on which memories were recalled, by whether they were recorded; lost: the database"
    " was unavailable, or too many waited",
    {"result": ("written", "lost")},
)

SAVES = Counter(
    "sage_saves_total",
    "Saves; replay: already stored, rejected: the key belongs to another save, failed: not stored",
    {"result": ("new", "replay", "rejected", "failed")},
)
MEMORIES_SAVED = Counter("sage_memories_saved_total", "Memories stored by new saves")
MEMORIES_CAPTURED = Counter(
    "sage_memories_captured_total",
    "Memories stored by hooks of AI clients",
    {"client": (*CAPTURING_CLIENTS, OTHER_CLIENT)},
)
SAVE_STAGE = Histogram(
    "sage_save_stage_duration_seconds",
    "Duration of a stage of a save",
    {"stage": ("lexemes", "store")},
    span="save",
)
SEARCH_STAGE = Histogram(
    "sage_search_stage_duration_seconds",
    "Duration of a stage of a search; embed runs concurrently with words and languages",
    {"stage": ("parse", "words", "embed", "languages", "meaning", "rank", "read", "rerank")},
    span="search",
)
DEGRADED = Counter(
    "sage_degraded_answers_total",
    "Responses to searches and contexts in which a part was missing",
    {"part": ("embedding", "vectors", "reranker", "summary")},
)

MEMORIES_EMBEDDED = Counter("sage_memories_embedded_total", "Memories that were embedded")
EMBEDDING_CALLS = Counter(
    "sage_embedding_calls_total",
    "Calls of the embedding model; the outcome is ok or the error",
    {"provider": OPEN, "input": OPEN, "outcome": OPEN},
)
EMBEDDING_DURATION = Histogram(
    "sage_embedding_duration_seconds",
    "Duration of a call of the embedding model, with its retries",
    {"provider": OPEN, "input": OPEN},
)
QUERY_CACHE = Counter(
    "sage_query_cache_lookups_total",
    "Queries, by whether their vector was cached",
    {"result": ("hit", "miss")},
)
PROVIDER_REQUESTS = Counter(
    "sage_provider_requests_total",
    "HTTP requests to a model provider; the outcome is ok or the error",
    {**_PROVIDERS, "outcome": OPEN},
)
PROVIDER_DURATION = Histogram(
    "sage_provider_request_duration_seconds",
    "Duration of an HTTP request to a model provider",
    _PROVIDERS,
)
BREAKER_OPEN = Gauge(
    "sage_circuit_breaker_open",
    "1 while calls to a provider are suspended because it failed, else 0",
    _PROVIDERS,
    of_workers="max",
)

POOL_SIZE = Gauge("sage_database_pool_size", "Open connections to the database")
POOL_IDLE = Gauge("sage_database_pool_idle", "Idle connections to the database")
POOL_WAITING = Gauge("sage_database_pool_waiting", "Calls waiting for a connection")
POOL_LIMIT = Gauge("sage_database_pool_limit", "Maximum number of open connections")
NODE_REFUSED = Gauge(
    "sage_cluster_node_refused",
    "1 while a server of Citus does not answer and its spaces are refused, 0 once it answers again",
    {"node": OPEN},
    of_workers="max",
)
LOOP_LAG = Histogram(
    "sage_event_loop_lag_seconds", "How late the event loop ran a timer, twice a second"
)

DATABASE_UP = ObservedMetric(
    "sage_database_up", "1 if the database answered a ping in time, else 0"
)
DATABASE_BYTES = ObservedMetric("sage_database_size_bytes", "Size of the database on its disk")
CHECKSUM_FAILURES = ObservedMetric(
    "sage_database_checksum_failures_total",
    "How often the database, with Citus any of its servers, has read a damaged page; missing if "
    "pages have no checksums",
    kind="counter",
)
MEMORIES = ObservedMetric(
    "sage_memories", "Stored memories that are not forgotten; approximate above a million"
)
QUEUE_PENDING = ObservedMetric("sage_queue_pending", "Memories waiting to be embedded")
QUEUE_FAILED = ObservedMetric(
    "sage_queue_failed", "Memories that permanently failed to be embedded"
)
QUEUE_AGE = ObservedMetric(
    "sage_queue_oldest_age_seconds", "How long the first memory of the queue has waited"
)
INDEX_BUILD = ObservedMetric(
    "sage_index_build_progress_ratio",
    "Completed fraction of the build of a vector index; missing while none is built",
)
INDEX_BUILD_LEFT = ObservedMetric(
    "sage_index_build_remaining_seconds",
    "Estimated remaining time of that build; missing while unknown",
)
REPLICA_UP = ObservedMetric(
    "sage_replica_up", "1 if the server of DATABASE_READ_URL follows the primary, else 0"
)
REPLICA_BYTES = ObservedMetric(
    "sage_replica_lag_bytes", "How much of the primary's log the replica has not replayed"
)
REPLICA_AGE = ObservedMetric(
    "sage_replica_lag_seconds",
    "Age of the newest commit that the replica has replayed; 0 while it is up to date",
)
LAST_BACKUP = ObservedMetric(
    "sage_backup_last_success_timestamp_seconds",
    "When the newest verified backup was made, in Unix time; 0 if there is none",
)
LAST_CAPTURE = ObservedMetric(
    "sage_capture_last_success_timestamp_seconds",
    "When hooks of AI clients last captured something, in Unix time; 0 if never",
)
CAPTURE_WAITING = ObservedMetric(
    "sage_capture_waiting_events", "Events of hooks waiting to be captured"
)
CAPTURE_FAILING = ObservedMetric(
    "sage_capture_failing_clients", "AI clients whose last capture failed"
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
RESIDENT_BYTES = ObservedMetric("process_resident_memory_bytes", "Memory used by these processes")
OPEN_FDS = ObservedMetric("process_open_fds", "Open file descriptors of these processes")
MAX_FDS = ObservedMetric(
    "process_max_fds", "Maximum number of open file descriptors of one process"
)
START_TIME = ObservedMetric("process_start_time_seconds", "When the server started, in Unix time")

INSTRUMENTS = tuple(value for value in globals().values() if isinstance(value, Instrument))
READINGS = tuple(value for value in globals().values() if isinstance(value, ObservedMetric))

"""Structured logs on standard error, in one format for Sage and its libraries.

Standard output belongs to the MCP protocol and is never written to. Events carry ids, sizes and
times; saved text (`_CONTENT`) and secrets (`_SECRET`, `_SECRET_PATTERNS`) never appear in them.
"""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import traceback
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

    from structlog.typing import ExcInfo, Processor


@contextmanager
def without_rich() -> Iterator[None]:
    """Hide rich from libraries that would use it for tracebacks: 45 ms and 5 MB in each process."""
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment] # an import of it then fails
    try:
        yield
    finally:
        del sys.modules["rich"]


with without_rich():
    import structlog

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the current request, added to every line logged while it is handled."""

_MASK = "********"
_SECRET = re.compile(
    r"(^|_)(token|password|passwd|secret|authorization|cookie|dsn|database_url"
    r"|(api|access|secret|private)_?key)$"
)
_CONTENT = re.compile(
    r"(content|text|query|context|messages?|prompt|user_prompt|assistant_response|passages?|body"
    r"|metadata)"
)
_SECRET_PATTERNS = (
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{_MASK}@"),
    (re.compile(r"(?i)\bbearer\s+[^\s,;\"']+"), f"Bearer {_MASK}"),
    (re.compile(r"(?i)\b((?:access_)?token|password|api_?key)=[^\s&\"']+"), rf"\1={_MASK}"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{12,}"), f"sk-{_MASK}"),
    (re.compile(r"input_value=.*?, input_type="), f"input_value={_MASK}, input_type="),
    (re.compile(r"(Failing row contains|Key \([^)]*\)=) ?\(.*"), rf"\1 {_MASK}"),
)
_NOTHING_TO_MASK = re.compile(r"(?!.*sk-)[\w./:+-]*", re.ASCII)
"""A fast path: printable text without anything to mask or escape, as most text is."""

_QUOTING_ERRORS = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
_FIRST_KEYS = ("timestamp", "level", "logger", "event", "request_id")
_MAX_DEPTH = 6
_MAX_KEY_CHARS = 100
_MAX_TEXT_CHARS = 2_000
_MAX_TRACEBACK_CHARS = 16_000
_LIBRARY_LEVELS = {
    "asyncpg": logging.ERROR,
    "asyncio": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "mcp": logging.WARNING,
    "python_multipart": logging.ERROR,
}


class _SageHandler(logging.StreamHandler[TextIO]):
    """The handler `configure_logging` installs, distinguishable from any other."""


def configure_logging(
    level: str = "INFO",
    format: str = "auto",  # noqa: A002 - the name of the setting
    *,
    stream: TextIO | None = None,
    colors: bool | None = None,
    silent: tuple[str, ...] = (),
) -> None:
    """Log to `stream`, standard error by default. A second call replaces the first.

    `format` is `json`, `console` or `auto`: console on a terminal, else JSON. `colors` None means
    colors on a terminal only. Loggers whose names begin with one of `silent` are suppressed.
    """
    out = sys.stderr if stream is None else stream
    terminal = out.isatty()
    console = format == "console" or (format == "auto" and terminal)
    handler = _SageHandler(stream)
    handler.addFilter(lambda record: not record.name.startswith(silent))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared_processors(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(console=console, colors=terminal if colors is None else colors),
            ],
        )
    )
    root = logging.getLogger()
    for old in [found for found in root.handlers if isinstance(found, _SageHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, level_number in _LIBRARY_LEVELS.items():
        logging.getLogger(name).setLevel(max(level_number, root.level))
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(capture=True)


def readable_line(line: str, *, colors: bool = False) -> str:
    """Return a JSON line of a log in the format for terminals."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        return _one_line(line, _MAX_TEXT_CHARS)
    for process in _renderers(console=True, colors=colors):
        event = process(None, "", event)
    return str(event)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger that takes an event and named values: `log.info("saved", memories=2)`."""
    return cast(
        "structlog.stdlib.BoundLogger",
        structlog.wrap_logger(
            logging.getLogger(name),
            wrapper_class=structlog.stdlib.BoundLogger,
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.stdlib.PositionalArgumentsFormatter(),
                *_shared_processors(),
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ],
        ),
    )


def _shared_processors() -> list[Processor]:
    return [
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.ExceptionRenderer(_format_exception),
    ]


def _renderers(*, console: bool, colors: bool) -> list[Processor]:
    if not console:
        return [_redact_event, structlog.processors.JSONRenderer(default=str)]
    return [
        _redact_event,
        _indent_traceback,
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        ),
    ]


def _format_exception(exc_info: ExcInfo) -> str:
    """Format a traceback, without the text of errors that quote the value they failed on."""
    text = "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    for error in _chained(exc_info[1]):
        if isinstance(error, _QUOTING_ERRORS) and str(error):
            text = text.replace(f": {error}", f": <{len(str(error))} long>")
    return text


def _chained(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, its causes and contexts, and the members of exception groups."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__]
            left += getattr(one, "exceptions", ())


def _add_request_id(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def _redact_event(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Mask secrets, replace saved text by its size, truncate and escape the rest."""
    ordered = sorted(
        event, key=lambda key: _FIRST_KEYS.index(key) if key in _FIRST_KEYS else len(_FIRST_KEYS)
    )
    redacted = {_one_line(key, _MAX_KEY_CHARS): _redact(key, event[key]) for key in ordered}
    if isinstance(trace := event.get("exception"), str):
        redacted["exception"] = _one_line(trace, _MAX_TRACEBACK_CHARS, keep="\n")
    return redacted


def _redact(key: str, value: object, depth: int = 0) -> object:
    name = key.lower().replace("-", "_")
    if value is None or isinstance(value, int) or _is_finite(value):
        return value
    if _SECRET.search(name):
        return _MASK
    if _CONTENT.fullmatch(name):
        return f"<{len(value)} long>" if isinstance(value, str | list | tuple) else "<hidden>"
    if isinstance(value, dict | list | tuple | set | frozenset):
        return _redact_items(value, depth) if depth < _MAX_DEPTH else "..."
    return _one_line(str(value), _MAX_TEXT_CHARS)


def _redact_items(value: Iterable[object], depth: int) -> object:
    if not isinstance(value, dict):
        return [_redact("", item, depth + 1) for item in value]
    return {
        _one_line(str(key), _MAX_KEY_CHARS): _redact(str(key), item, depth + 1)
        for key, item in value.items()
    }


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _one_line(text: str, limit: int, *, keep: str = "") -> str:
    """Mask, truncate and escape; only a bounded prefix of a long text is processed."""
    if len(text) <= limit and _NOTHING_TO_MASK.fullmatch(text):
        return text
    masked = text[: 4 * limit]
    for pattern, mask in _SECRET_PATTERNS:
        masked = pattern.sub(mask, masked)
    if len(text) > limit:
        masked = f"{masked[:limit]}... ({len(text)} characters)"
    return "".join(
        char if char.isprintable() or char in keep else repr(char)[1:-1] for char in masked
    )


def _indent_traceback(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    if isinstance(trace := event.get("exception"), str):
        event["exception"] = "\n".join(f"    | {line}" for line in trace.splitlines())
    return event

"""Structured log lines on stderr: Sage's own and those of the libraries, in one form.

Standard output belongs to the MCP protocol and is never written to. A line tells what happened by
ids, sizes and times: what people said never gets in (see `sage.logs._CONTENT`), and neither do
secrets.
"""

from __future__ import annotations

import logging
import math
import re
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO, cast

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from structlog.typing import Processor

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request being answered; stands on every line written meanwhile."""

_MASK = "********"
_SECRET = re.compile(
    r"(^|_)(token|password|passwd|secret|authorization|cookie|dsn|database_url"
    r"|(api|access|secret|private)_?key)$"
)
_CONTENT = re.compile(
    r"(content|text|query|context|messages?|prompt|user_prompt|assistant_response|passages?|body"
    r"|metadata)"
)
_IN_TEXT = (
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{_MASK}@"),
    (re.compile(r"(?i)\bbearer\s+[^\s,;\"']+"), f"Bearer {_MASK}"),
    (re.compile(r"(?i)\b((?:access_)?token|password|api_?key)=[^\s&\"']+"), rf"\1={_MASK}"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{12,}"), f"sk-{_MASK}"),
    (re.compile(r"input_value=.*?, input_type="), f"input_value={_MASK}, input_type="),
    (re.compile(r"(Failing row contains|Key \([^)]*\)=) ?\(.*"), rf"\1 {_MASK}"),
)
_PLAIN = re.compile(r"(?!.*sk-)[\w./:+-]*", re.ASCII)
"""Text that none of the masks has a say in and that is one line as it is; most text is such."""

_FIRST = ("timestamp", "level", "logger", "event", "request_id")
_MAX_DEPTH = 6
_MAX_KEY_CHARS = 100
_MAX_TEXT_CHARS = 2_000
_MAX_TRACEBACK_CHARS = 16_000
_QUIET = {
    "asyncpg": logging.ERROR,
    "asyncio": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "mcp": logging.WARNING,
}


class _SageHandler(logging.StreamHandler[TextIO]):
    """The handler `configure_logging` puts up, told from those of others."""


def configure_logging(
    level: str = "INFO",
    format: str = "auto",  # noqa: A002 - the name people set it by
    *,
    stream: TextIO | None = None,
    colors: bool | None = None,
    silent: tuple[str, ...] = (),
) -> None:
    """Send every log line to `stream` (standard error when None). Calling it again replaces it.

    `format` is `json`, `console` or `auto`: console on a terminal, else JSON. `colors` None means
    on a terminal only. Loggers whose names begin with one of `silent` are not written.
    """
    out = sys.stderr if stream is None else stream
    terminal = out.isatty()
    console = format == "console" or (format == "auto" and terminal)
    handler = _SageHandler(out)
    handler.addFilter(lambda record: not record.name.startswith(silent))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_ending(console=console, colors=terminal if colors is None else colors),
            ],
        )
    )
    root = logging.getLogger()
    for old in [found for found in root.handlers if isinstance(found, _SageHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(capture=True)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Make a logger that takes an event and named values: `log.info("saved", memories=2)`."""
    return cast(
        "structlog.stdlib.BoundLogger",
        structlog.wrap_logger(
            logging.getLogger(name),
            wrapper_class=structlog.stdlib.BoundLogger,
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.stdlib.PositionalArgumentsFormatter(),
                *_shared(),
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ],
        ),
    )


def _shared() -> list[Processor]:
    return [
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _ending(*, console: bool, colors: bool) -> list[Processor]:
    if not console:
        return [_clean, structlog.processors.JSONRenderer(default=str)]
    return [
        _clean,
        _indent_traceback,
        structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        ),
    ]


def _add_request_id(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def _clean(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Mask secrets, replace content by its size, cut long text, keep every line one line."""
    ordered = sorted(event, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    cleaned = {_one_line(key, _MAX_KEY_CHARS): _cleaned(key, event[key]) for key in ordered}
    if isinstance(trace := event.get("exception"), str):
        cleaned["exception"] = _one_line(trace, _MAX_TRACEBACK_CHARS, keep="\n")
    return cleaned


def _cleaned(key: str, value: object, depth: int = 0) -> object:
    name = key.lower().replace("-", "_")
    if value is None or isinstance(value, int) or _is_finite(value):
        return value
    if _SECRET.search(name):
        return _MASK
    if _CONTENT.fullmatch(name):
        return f"<{len(value)} long>" if isinstance(value, str | list | tuple) else "<hidden>"
    if isinstance(value, dict | list | tuple | set | frozenset):
        return _cleaned_inside(value, depth) if depth < _MAX_DEPTH else "..."
    return _one_line(str(value), _MAX_TEXT_CHARS)


def _cleaned_inside(value: Iterable[object], depth: int) -> object:
    if not isinstance(value, dict):
        return [_cleaned("", item, depth + 1) for item in value]
    return {
        _one_line(str(key), _MAX_KEY_CHARS): _cleaned(str(key), item, depth + 1)
        for key, item in value.items()
    }


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _one_line(text: str, limit: int, *, keep: str = "") -> str:
    """Mask, then cut, then escape. Far more than is shown is dropped first, to stay quick."""
    if len(text) <= limit and _PLAIN.fullmatch(text):
        return text
    masked = text[: 4 * limit]
    for pattern, mask in _IN_TEXT:
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

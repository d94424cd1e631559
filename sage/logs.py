"""Structured log lines on stderr: Sage's own and those of the libraries, in one form.

Standard output belongs to the MCP protocol and is never written to. A line tells what happened by
ids, sizes and times: what people said never gets in (see `sage.logs._CONTENT`), and neither do
secrets.
"""

from __future__ import annotations

import logging
import re
import sys
import uuid
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO, cast

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from structlog.typing import Processor

_REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECRET = re.compile(
    r"(^|_)(token|password|passwd|secret|api_?key|key|authorization|cookie|dsn|database_url)$"
)
_CONTENT = re.compile(
    r"^(content|text|query|context|messages?|user_prompt|assistant_response|passages?|body)$"
)
_IN_TEXT = (
    (re.compile(r"(?<=://)[^/@\s]+@"), "********@"),
    (re.compile(r"(?i)\bbearer\s+[^\s,;\"']+"), "Bearer ********"),
    (re.compile(r"(?i)\b((?:access_)?token|password|api_?key)=[^\s&\"']+"), r"\1=********"),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{12,}"), "sk-********"),
)
_MASK = "********"
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
) -> None:
    """Send every log line to `stream` (standard error when None). Calling it again replaces it.

    `format` is `json`, `console` or `auto`: console on a terminal, else JSON. `colors` None means
    on a terminal only.
    """
    out = sys.stderr if stream is None else stream
    terminal = out.isatty()
    console = format == "console" or (format == "auto" and terminal)
    handler = _SageHandler(out)
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
    root.setLevel(level)
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


@contextmanager
def request_scope(request_id: str | None = None) -> Iterator[str]:
    """Put a request id on every line within. A missing or unfit one is replaced by a new one.

    Fit is what cannot disturb a log: 1 to 64 ASCII letters, digits, dots, dashes, underscores.
    """
    accepted = request_id if request_id and _ACCEPTED_ID.fullmatch(request_id) else None
    token = _REQUEST_ID.set(accepted or uuid.uuid4().hex)
    try:
        yield current_request_id() or ""
    finally:
        _REQUEST_ID.reset(token)


def current_request_id() -> str | None:
    """Give the id of the request being answered, None outside of one."""
    return _REQUEST_ID.get()


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
    if request_id := current_request_id():
        event.setdefault("request_id", request_id)
    return event


def _clean(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Mask secrets, replace content by its size, cut long text, keep every line one line."""
    for key, value in list(event.items()):
        limit = _MAX_TRACEBACK_CHARS if key == "exception" else _MAX_TEXT_CHARS
        event[key] = _cleaned(key, value, limit)
    return event


def _cleaned(key: str, value: object, limit: int = _MAX_TEXT_CHARS) -> object:
    name = key.lower().replace("-", "_")
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET.search(name):
        return _MASK
    if _CONTENT.search(name):
        return f"<{len(value)} long>" if isinstance(value, str | list | tuple) else "<hidden>"
    if isinstance(value, dict):
        return {str(inner): _cleaned(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned("", item) for item in value]
    return _one_line(str(value), limit, keep="\n" if key == "exception" else "")


def _one_line(text: str, limit: int, *, keep: str) -> str:
    for pattern, mask in _IN_TEXT:
        text = pattern.sub(mask, text)
    if len(text) > limit:
        text = f"{text[:limit]}... ({len(text)} characters)"
    return "".join(
        char if char.isprintable() or char in keep else repr(char)[1:-1] for char in text
    )


def _indent_traceback(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    if isinstance(trace := event.get("exception"), str):
        event["exception"] = "\n".join(f"    | {line}" for line in trace.splitlines())
    return event

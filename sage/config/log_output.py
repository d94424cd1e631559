"""The output of logs, in the format of the settings and the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sage.config.child_environment import terminal_variables
from sage.telemetry.colours import wants_colours
from sage.telemetry.logs import configure_logging

if TYPE_CHECKING:
    from sage.config.choices import LogLevel
    from sage.config.settings import LogSettings


def write_logs(
    settings: LogSettings, level: LogLevel | None = None, silent: tuple[str, ...] = ()
) -> None:
    """Log to standard error from `level` on, by default that of the settings.

    Loggers whose names begin with one of `silent` are not logged.
    """
    colours = wants_colours(sys.stderr, terminal_variables())
    configure_logging(level or settings.level, settings.format, colors=colours, silent=silent)

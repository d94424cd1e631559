"""The systemd unit or launchd agent that starts Sage."""

from __future__ import annotations

import plistlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LABEL = "sage"
_STOP_S = 30
_RESTART_S = 5


@dataclass(frozen=True, slots=True)
class Start:
    """How Sage is started: the command, and the file for errors of launchd, which has no log."""

    command: tuple[str, ...]
    log: Path


def systemd_unit(start: Start) -> str:
    """Return a unit for systemd's user instance."""
    return f"""\
# Written by `sage service install`; `sage service remove` deletes it.
[Unit]
Description=Sage, the memory of an AI assistant

[Service]
Type=exec
ExecStart={" ".join(map(_quoted, start.command))}
Restart=on-failure
RestartSec={_RESTART_S}
TimeoutStopSec={_STOP_S}
UMask=0077
NoNewPrivileges=true

[Install]
WantedBy=default.target
"""


def launchd_agent(start: Start) -> str:
    """Return a property list for a launchd user agent."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": [*start.command],
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 10,
            "ProcessType": "Background",
            "StandardErrorPath": str(start.log),
        },
        sort_keys=False,
    ).decode()


def _quoted(word: str) -> str:
    """Quote a word in the syntax of systemd, in which %% and $$ are literal signs."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'

"""Install, check and remove the service that starts Sage at login."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.cli.autostart.definition import LABEL, launchd_agent, systemd_unit
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sage.cli.autostart.definition import Start

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The service manager: its service file and its commands."""

    name: str
    file: Path
    text: str
    program: str
    enable: tuple[tuple[str, ...], ...]
    disable: tuple[tuple[str, ...], ...]
    again: tuple[str, ...]
    ask: tuple[str, ...]

    @property
    def is_installed(self) -> bool:
        """Whether the service file exists, as this release writes it."""
        try:
            return self.file.read_text(encoding="utf-8") == self.text
        except OSError:
            return False

    def install(self) -> bool:
        """Write the file and start Sage; return False if nothing had to change.

        Raises StartupError.
        """
        if self.is_installed and not self.problem():
            return False
        self._require_session()
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(self.text, encoding="utf-8")
        except OSError as error:
            raise StartupError(
                phrase("{file} cannot be written: {reason}", file=self.file, reason=error.strerror)
            ) from error
        for command in self.enable:
            self._run(command)
        return True

    def restart(self) -> bool:
        """Restart Sage if this service runs it, and return whether it does. Raises StartupError."""
        if not self.is_installed or self.problem():
            return False
        self._run(self.again)
        return True

    def remove(self) -> bool:
        """Stop Sage and delete the file; return False without one. Raises StartupError."""
        if not self.file.exists():
            return False
        for command in self.disable:
            self._run(command, must_work=False)
        self.file.unlink(missing_ok=True)
        if self.name == "systemd":
            self._run(("systemctl", "--user", "daemon-reload"), must_work=False)
        return True

    def problem(self) -> str:
        """Return why Sage is not running as a service, empty if it is."""
        if not self.file.exists():
            return phrase("it is not installed")
        done = self._run(self.ask, must_work=False)
        if done is not None and done.returncode == 0:
            return ""
        return phrase("it is installed, but not running")

    def _require_session(self) -> None:
        if shutil.which(self.program) is None:
            raise StartupError(
                phrase("{program} is not installed on this machine", program=self.program),
                hint="start Sage with the service manager of this system; see docs/maintenance.md",
            )
        if self.name == "systemd" and self._run(self.enable[0], must_work=False) is None:
            raise StartupError(
                "systemd does not answer for this user, as in containers and some SSH sessions",
                hint="log in to a desktop or a console, or run `loginctl enable-linger` as root",
            )

    def _run(
        self, command: Sequence[str], *, must_work: bool = True
    ) -> subprocess.CompletedProcess[str] | None:
        """Run a command; None if the service manager is not reachable."""
        try:
            done = subprocess.run(  # noqa: S603 - our own words
                command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired):
            done = None
        if done is not None and "connect to" in done.stderr:
            done = None
        if must_work and (done is None or done.returncode != 0):
            raise StartupError(
                phrase("`{command}` failed", command=" ".join(command)),
                detail=done.stderr.strip() if done else "",
                hint="`sage service remove` undoes what was done",
            )
        return done


def service_manager(start: Start, home: Path) -> ServiceManager:
    """Return the service manager of this system. Raises StartupError without one."""
    if sys.platform == "darwin":
        domain = f"gui/{os.getuid()}"
        file = home / f"Library/LaunchAgents/{LABEL}.plist"
        return ServiceManager(
            "launchd",
            file,
            launchd_agent(start),
            "launchctl",
            (("launchctl", "bootstrap", domain, str(file)),),
            (("launchctl", "bootout", f"{domain}/{LABEL}"),),
            ("launchctl", "kickstart", "-k", f"{domain}/{LABEL}"),
            ("launchctl", "print", f"{domain}/{LABEL}"),
        )
    if sys.platform.startswith("linux"):
        systemctl = ("systemctl", "--user")
        return ServiceManager(
            "systemd",
            home / f".config/systemd/user/{LABEL}.service",
            systemd_unit(start),
            "systemctl",
            ((*systemctl, "daemon-reload"), (*systemctl, "enable", "--now", LABEL)),
            ((*systemctl, "disable", "--now", LABEL),),
            (*systemctl, "restart", LABEL),
            (*systemctl, "is-active", "--quiet", LABEL),
        )
    raise StartupError(
        phrase("starting Sage at login is not supported on {platform}", platform=sys.platform)
    )

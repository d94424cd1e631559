"""The program that clients call: its path and arguments never change, even after upgrades.

Codex asks its user to trust a hook again if the command changes at all.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from contextlib import suppress
from errno import EPERM
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.hooks import main
from sage.clients.hooks.capture import spool
from sage.clients.hooks.payload import MAX_BYTES
from sage.clients.hooks.state_files import (
    SERVER,
    SPACE_TOKENS,
    SPOOL,
    is_own,
    read_json,
    state_path,
    write_json,
)
from sage.clients.program_cache import cache_of_program
from sage.clients.reachable import reachable_host

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRAIN_S = 5.0
_BLOCK_BYTES = 512
_SCRIPT = """\
#!/bin/sh
# Written by Sage for AI clients. SAGE_HOOK=off in the environment turns it off.
python={python}
main={main}
spool={spool}
if [ "${{SAGE_HOOK:-}}" != off ] && [ -x "$python" ] && [ -f "$main" ]; then
    "$python" -I -S "$main" {data_dir} "$@" 2>/dev/null
    exit 0
fi
exec 3<&0 4>&1 >/dev/null 2>&1
event=/dev/null
if [ "${{SAGE_HOOK:-}}" != off ] && [ "${{1:-drain}}" != drain ]; then
    # Sage was moved: the event is queued until its next start.
    umask 077
    mkdir -p "$spool"
    waiting=$(du -sk "$spool" | cut -f 1)
    if [ "${{waiting:-0}}" -lt {max_kb} ]; then
        event=$spool/0$(date +%s)000000000-$$
        printf '%s\\0' "$#" "$PWD" "$@" >"$event" || event=/dev/null
        ulimit -f {max_blocks}
    fi
fi
# The client may still be writing, and may never end: take what comes within a second.
cat <&3 >>"$event" 4>&- &
reader=$!
(exec 3<&- 4>&-; sleep 1; kill $reader) &
wait $reader
kill $!
[ "$event" = /dev/null ] || mv "$event" "$event{raw}" || exit 0
case "$event ${{1:-}} ${{3:-}}" in
    /dev/null*) ;;
    *" stop opencode") echo done >&4 ;;
esac
exit 0
"""


def launcher_path(data_dir: Path) -> Path:
    """Return the path of the launcher of a data directory."""
    return data_dir / "bin" / "sage-hook"


def write_launcher(data_dir: Path) -> Path:
    """Write the launcher for this Python and this release. Raises OSError, PermissionError."""
    if not is_own(str(data_dir)):
        raise PermissionError(EPERM, "the data directory belongs to another user", str(data_dir))
    path = launcher_path(data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = _SCRIPT.format(
        python=shlex.quote(sys.executable),
        main=shlex.quote(str(Path(main.__file__).absolute())),
        spool=shlex.quote(state_path(str(data_dir), SPOOL)),
        data_dir=shlex.quote(str(data_dir)),
        max_kb=spool.MAX_BYTES // 1000,
        max_blocks=MAX_BYTES // _BLOCK_BYTES,
        raw=spool.RAW,
    )
    if path.exists() and path.read_text() == text:
        return path
    aside = path.with_name(f"{path.name}.new")
    aside.write_text(text)
    aside.chmod(0o755)
    aside.replace(path)
    return path


def moved_from(data_dir: Path) -> str:
    """Return the missing file that the launcher calls, after Sage was moved; else empty."""
    with suppress(OSError, ValueError):
        for line in launcher_path(data_dir).read_text().splitlines():
            name, _, quoted = line.partition("=")
            if name in {"python", "main"}:
                (program,) = shlex.split(quoted)
                if not Path(program).exists():
                    return program
    return ""


def record_server(data_dir: Path, server: Mapping[str, object]) -> None:
    """Record the address of Sage in a private file. Raises OSError."""
    path = state_path(str(data_dir), SERVER)
    if read_json(path) != json.loads(json.dumps(dict(server))):
        write_json(path, dict(server))
    os.chmod(path, 0o600)


def recorded_token(data_dir: Path, space: str) -> str | None:
    """Return the token with which hooks access a space, None without one."""
    token = read_json(state_path(str(data_dir), SPACE_TOKENS)).get(space)
    return token if isinstance(token, str) else None


def record_token(data_dir: Path, space: str, token: str) -> None:
    """Record the token with which hooks access a space, in a private file. Raises OSError."""
    path = state_path(str(data_dir), SPACE_TOKENS)
    write_json(path, read_json(path) | {space: token})


def recorded_spaces(data_dir: Path) -> list[str]:
    """Return the spaces for which hooks have a token."""
    return [*read_json(state_path(str(data_dir), SPACE_TOKENS))]


def drop_token(data_dir: Path, space: str) -> None:
    """Delete the token with which hooks access a space. Raises OSError."""
    path = state_path(str(data_dir), SPACE_TOKENS)
    kept = read_json(path)
    kept.pop(space, None)
    write_json(path, kept)


def resume_hooks(data_dir: Path, server: Mapping[str, object]) -> None:
    """Record for the hooks that this release of Sage listens, and capture queued events.

    The plugins of clients call a launcher that no setup has written. It never calls a program in a
    cache: an earlier launcher stays.
    """
    if not is_own(str(data_dir)):
        return
    with suppress(OSError, subprocess.TimeoutExpired):
        launcher = launcher_path(data_dir) if cache_of_program() else write_launcher(data_dir)
        record_server(data_dir, server)
        if spool.is_waiting(str(data_dir)):
            subprocess.run(  # noqa: S603 - our own program
                [launcher, "drain"], stdin=subprocess.DEVNULL, check=False, timeout=_DRAIN_S
            )


def hook_address(host: str, port: int) -> dict[str, object]:
    """Return the address for hooks on this machine of a server that listens on `host`."""
    return {"host": reachable_host(host), "port": port}

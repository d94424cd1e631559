"""Offer to merge a new folder into a similar project; report the identity of projects.

The content of a folder can be forged: nothing is merged, and nothing recalled, before the user runs
the offered command.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

from sage.clients.hooks.project import project_of
from sage.clients.hooks.server.http_client import post
from sage.clients.hooks.state_files import (
    LOOK_ALIKES,
    client_words,
    is_elsewhere,
    read_json,
    state_path,
    write_json,
)
from sage.phrases import phrase

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

    from sage.clients.hooks.payload import Payload

_QUICK_S = 0.15
_PATIENT_S = 20.0
_MIN_LEFT_S = 0.3
_REPORT_S = 10.0
_REPORT_AGAIN_S = 86_400.0
_MAX_KEPT = 1_000
_MAX_CHARS = 500
_ASKED, _REPORTED = "asked", "reported"


def offer(data_dir: str, payload: Payload, left_s: float) -> str:
    """Return an offer about the project that a folder resembles, once per machine.

    It is made only once for each folder.
    """
    project = project_of(payload.cwd)
    key = _key(payload.space, project)
    if not project or left_s < _MIN_LEFT_S or key in _kept(data_dir, _ASKED):
        return ""
    from sage.clients.hooks.repository import identities  # noqa: PLC0415 - needed once for a folder

    began = time.monotonic()
    try:
        known = identities(data_dir, project, _QUICK_S)
        if not known:
            return ""
        deadline_s = left_s - (time.monotonic() - began)
        body = {"project": project, "identities": known}
        answer = post(data_dir, "/api/v1/hooks/look-alike", body, deadline_s, payload.space)
        _keep(data_dir, _ASKED, key, time.time())
    except OSError:  # the recalled text is returned all the same
        return ""
    other = answer.get("project")
    if not isinstance(other, str) or not _can_be_shown(other) or not _can_be_shown(project):
        return ""
    command = _command(data_dir, project, other, payload.space)
    return phrase(
        "This directory looks like the project {other}. If it is, merge it: {command}",
        other=other,
        command=command,
    )


def report(data_dir: str, space: str, project: str) -> None:
    """Report the identity of a project, once a day or when it grows."""
    from sage.clients.hooks.repository import identities  # noqa: PLC0415 - as above

    if not 0 < len(project) <= _MAX_CHARS:
        return
    with suppress(OSError):  # nothing that was said is lost: the next event reports it, too
        known = identities(data_dir, project, _PATIENT_S, gives_up=True)
        key = _key(space, project)
        if known and not _is_reported(data_dir, key, known):
            body = {"project": project, "identities": known}
            post(data_dir, "/api/v1/hooks/identities", body, _REPORT_S, space)
            _keep(data_dir, _REPORTED, key, [known, time.time()])


def _is_reported(data_dir: str, key: str, known: list[str]) -> bool:
    match _kept(data_dir, _REPORTED).get(key):
        case [reported, float(at)]:
            return bool(reported == known and time.time() - at < _REPORT_AGAIN_S)
    return False


def _key(space: str, project: str) -> str:
    return f"{space}\n{project}"


def _kept(data_dir: str, kind: str) -> dict[str, Any]:
    kept = read_json(state_path(data_dir, LOOK_ALIKES)).get(kind)
    return kept if isinstance(kept, dict) else {}


def _keep(data_dir: str, kind: str, key: str, value: object) -> None:
    path = state_path(data_dir, LOOK_ALIKES)
    kept = dict([*_kept(data_dir, kind).items()][-_MAX_KEPT:])
    write_json(path, read_json(path) | {kind: {**kept, key: value}})


def _can_be_shown(name: str) -> bool:
    """Return whether a folder's name is unambiguous in a line and in a shell."""
    return 0 < len(name) <= _MAX_CHARS and name.isprintable() and not {"<", ">", "`"} & {*name}


def _command(data_dir: str, project: str, other: str, space: str) -> str:
    """Return the command for this machine that merges a project into another one."""
    import shlex  # noqa: PLC0415 - few sessions begin in a folder that looks like another one

    from sage.clients.homes import user_data_of  # noqa: PLC0415 - as above

    if is_elsewhere(data_dir):
        return shlex.join([*client_words(data_dir), "project", "merge", project, other])
    words = [*_program(), "project", "merge", project, other]
    words += ["--space", space] if space else []
    usual = user_data_of()
    if usual is None or os.path.realpath(usual / "sage") != os.path.realpath(data_dir):
        words += ["--data-dir", data_dir]
    return shlex.join(words)


def _program() -> list[str]:
    script = os.path.join(os.path.dirname(sys.executable), "sage")
    if not os.path.exists(script):
        return [sys.executable, "-m", "sage"]
    for folder in os.get_exec_path():
        with suppress(OSError):
            if os.path.samefile(os.path.join(folder, "sage"), script):
                return ["sage"]
    return [script]

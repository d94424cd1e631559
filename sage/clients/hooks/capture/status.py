"""The status of hooks: for each client its calls, captures, and errors."""

from __future__ import annotations

import os
import time

from sage.clients.hooks.state_files import STATUS, lock, read_json, state_path, write_json
from sage.phrases import from_json, sent_phrases

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sage.clients.hooks.payload import Payload


def record_hook(data_dir: str, payload: Payload, took_s: float, error: str) -> None:
    """Count one call of a hook. Raises OSError."""

    def update(status: dict[str, Any]) -> None:
        hook = status.setdefault("hooks", {}).setdefault(payload.event, {"count": 0})
        hook["count"] += 1
        hook["last_at"] = time.time()
        hook["ms"] = round(took_s * 1000, 1)
        if error:
            hook["last_error"] = {"at": time.time(), **_sent(error)}

    _update(data_dir, payload.client, update)


def record_set_up(data_dir: str, client: str) -> None:
    """Record that a client will call hooks: one that never does is shown, too. Raises OSError."""
    _update(data_dir, client, lambda status: status.setdefault("set_up_at", time.time()))


def forget_set_up(data_dir: str, client: str) -> None:
    """Delete the record of a client that never called a hook, and will not. Raises OSError."""
    path = _path(data_dir, client)
    if read_json(path).keys() == {"set_up_at"}:
        os.unlink(path)


def record_capture(data_dir: str, client: str, space: str, kept: int) -> None:
    """Count messages that Sage has confirmed as stored in a space. Raises OSError."""

    def update(status: dict[str, Any]) -> None:
        there = status.setdefault("spaces", {}).setdefault(space, {})
        for counts in (status, there):
            counts["captured"] = counts.get("captured", 0) + kept
            counts["last_capture"] = time.time()
        if status.get("failing", {}).get("space", "") == space:
            status.pop("failing", None)

    _update(data_dir, client, update)


def record_failure(
    data_dir: str, client: str, space: str, message: str, *, unreached: bool = False
) -> None:
    """Record why messages for a space could not be captured; they wait. Raises OSError.

    If no Sage was reached, the error ends when one answers.
    """

    def update(status: dict[str, Any]) -> None:
        failure = {"at": time.time(), "space": space, "unreached": unreached, **_sent(message)}
        status["last_error"] = status["failing"] = failure

    _update(data_dir, client, update)


def last_failure(data_dir: str, client: str) -> tuple[str, float]:
    """Return why the latest capture of a client failed, empty if it did not.

    If no Sage was reached, the time of that is returned as well, else 0.
    """
    failure = read_json(_path(data_dir, client)).get("failing") or {}
    at = float(failure.get("at", 0)) if failure.get("unreached") else 0.0
    return read_message(failure), at


def read_message(failure: Mapping[str, Any]) -> str:
    """Return a recorded error as a phrase."""
    phrases = failure.get("phrases")
    sent = phrases.get("message") if isinstance(phrases, dict) else None
    return from_json(str(failure.get("message", "")), sent)


def _sent(message: str) -> dict[str, Any]:
    """Return the record of a message: its text, and how to build it."""
    return {"message": message, "phrases": sent_phrases({"message": message})}


def read_status(data_dir: str) -> dict[str, Any]:
    """Return the status of each client that has called a hook."""
    folder = state_path(data_dir, STATUS)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    except OSError:
        return {}
    return {
        name.removesuffix(".json"): read_json(state_path(data_dir, STATUS, name)) for name in names
    }


def _update(data_dir: str, client: str, update: Callable[[dict[str, Any]], object]) -> None:
    path = _path(data_dir, client)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        lock(held)
        status = read_json(path)
        update(status)
        write_json(path, status)
    finally:
        os.close(held)


def _path(data_dir: str, client: str) -> str:
    name = "".join(char for char in client if char.isalnum() or char in "-_") or "unknown"
    return state_path(data_dir, STATUS, f"{name}.json")

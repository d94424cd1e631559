"""The environment of this process, as far as libraries and child processes read it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"


def variables_set(*names: str) -> dict[str, str]:
    """Return those of the named variables that are set and not empty."""
    return {name: value for name in names if (value := os.environ.get(name))}


def terminal_variables() -> dict[str, str]:
    """Return the variables that describe the terminal."""
    return variables_set("NO_COLOR", "TERM", "COLUMNS")


@contextmanager
def metrics_shared_in(directory: Path) -> Iterator[None]:
    """Set the directory in which processes started in the block share their metrics."""
    os.environ[_METRICS_DIR] = str(directory)
    try:
        yield
    finally:
        del os.environ[_METRICS_DIR]


def disable_telemetry() -> None:
    """Prevent onnxruntime from collecting data about its host and sending it to its makers.

    It reads the variable once, when it is imported.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"

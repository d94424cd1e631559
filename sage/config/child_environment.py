"""The environment of this process, of which a part is for libraries and processes it starts."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"


def variables_set(*names: str) -> dict[str, str]:
    """Return those of the named variables that are set to more than an empty text."""
    return {name: value for name in names if (value := os.environ.get(name))}


def terminal_variables() -> dict[str, str]:
    """Return the variables that say what the terminal is like."""
    return variables_set("NO_COLOR", "TERM", "COLUMNS")


@contextmanager
def metrics_shared_in(directory: Path) -> Iterator[None]:
    """Set the directory in which processes that are started in the block count together."""
    os.environ[_METRICS_DIR] = str(directory)
    try:
        yield
    finally:
        del os.environ[_METRICS_DIR]


def disable_telemetry() -> None:
    """Keep onnxruntime from writing down what it runs on and sending that to its makers.

    It reads the variable once, when it is imported.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"

"""The instruments of all processes of a server, read from the directory in which they count."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric


class SharedFilesCollector:
    """Reads what each process has counted; leaves out a file that was opened but not begun.

    prometheus_client makes a file empty and gives it a length afterwards, and reads an empty one
    as damaged.
    """

    def __init__(self) -> None:
        self._folder = Path(MultiProcessCollector(None)._path)  # noqa: SLF001 - told nowhere else

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, added up."""
        files = [str(path) for path in self._folder.glob("*.db") if _is_begun(path)]
        metrics: Iterable[Metric] = MultiProcessCollector.merge(files)
        return metrics


def _is_begun(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:  # the gauges of a worker that has just ended
        return False

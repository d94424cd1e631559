"""Shifts the clock of a Sage: Python imports this module by itself where it is on its path.

What `sage` reads of the clock is its `datetime`; the seconds it is ahead stand in a file. The
domain reads no clock. Pydantic reads a field of the shifted type as one of the plain.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

AHEAD = Path(os.environ["SHIFTED_CLOCK"])


class ShiftedTime(dt.datetime):
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Callable[[type], Any]) -> Any:
        return handler(dt.datetime)

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        ahead = dt.timedelta(seconds=float(AHEAD.read_text()))
        return dt.datetime.now(tz) + ahead


class ShiftingFinder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        reads_clock = name.startswith("sage.") and not name.startswith("sage.domain")
        spec = PathFinder.find_spec(name, path, target) if reads_clock else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_shift(module: ModuleType) -> None:
            execute(module)
            if vars(module).get("datetime") is dt.datetime:
                module.datetime = ShiftedTime

        spec.loader.exec_module = execute_and_shift
        return spec


sys.meta_path.insert(0, ShiftingFinder())

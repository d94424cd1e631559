"""Write the scorer of wishes anew: `python -m benchmarks.wishes`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.wishes.fit import fitted
from sage.retrieval import wishes

if __name__ == "__main__":
    Path(wishes.__path__[0], "model.json").write_text(fitted(), encoding="utf-8")

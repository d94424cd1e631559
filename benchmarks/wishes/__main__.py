"""Write the model of the wish classifier: `python -m benchmarks.wishes`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.wishes.fit import fitted
from sage.retrieval import preferences

if __name__ == "__main__":
    Path(preferences.__path__[0], "model.json").write_text(fitted(), encoding="utf-8")

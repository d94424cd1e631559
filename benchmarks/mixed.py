"""Write one set of two languages, with questions across languages.

    python -m benchmarks.mixed LOCOMO.json MEMORYBANK.json OUTPUT.json

MEMORYBANK.json is the output of `benchmarks.memorybank`. The set contains the three conversations
and eleven users of our labels, in full, and the questions of both sets. Measure with --merged.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ARGUMENTS = 3
LABELS = Path(__file__).parent / "labels" / "cross-language.json"
ACROSS = "cross-language"


def asked(
    sample: Mapping[str, Any], questions: Sequence[tuple[str, Sequence[str]]], prefix: str
) -> dict[str, Any]:
    """Return a sample with additional questions in the other language."""
    across = [
        {"question": text, "category": ACROSS, "evidence": [f"{prefix}{turn}" for turn in turns]}
        for text, turns in questions
    ]
    within = [question for question in sample["qa"] if question["category"] != "english"]
    return {**sample, "qa": [*within, *across]}


def main(locomo: str, memorybank: str, output: str) -> None:
    """Read both sets and write the mixed one."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    samples = [
        asked(sample, labels[language][sample["sample_id"]], prefix)
        for path, language, prefix in ((locomo, "chinese", ""), (memorybank, "english", "D"))
        for sample in json.loads(Path(path).read_text(encoding="utf-8"))
        if sample["sample_id"] in labels[language]
    ]
    Path(output).write_text(json.dumps(samples, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 1 + ARGUMENTS:
        sys.exit(__doc__)
    main(*sys.argv[1:])

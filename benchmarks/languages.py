"""Write a set for each language of memories, with questions in eight languages.

    python -m benchmarks.languages DIRECTORY

Each has the same 52 memories and 32 questions; memory n answers question n. Measure with `sage
bench quality --data DIRECTORY/*.json`: the categories are the languages of the questions.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ARGUMENTS = 1
_LABELS = Path(__file__).parent / "labels" / "languages.json"


def samples() -> dict[str, dict[str, Any]]:
    """Return a sample in the format of LoCoMo for the memories in each language."""
    labels = json.loads(_LABELS.read_text(encoding="utf-8"))
    languages = labels["languages"]
    asked = [
        {"question": text, "category": f"in {language}", "evidence": [f"D1:{number}"]}
        for number, question in enumerate(labels["questions"], start=1)
        for language, text in zip(languages, question, strict=True)
    ]
    return {
        language: {
            "sample_id": language,
            "conversation": {
                "speaker_a": "user",
                "speaker_b": "assistant",
                "session_1_date_time": "2025-03-03T18:00:00Z",
                "session_1": [
                    {"speaker": "user", "dia_id": f"D1:{number}", "text": memory[place]}
                    for number, memory in enumerate(labels["memories"], start=1)
                ],
            },
            "qa": asked,
        }
        for place, language in enumerate(languages)
    }


def main(directory: str) -> None:
    """Write the samples, one file for each language of the memories."""
    Path(directory).mkdir(parents=True, exist_ok=True)
    for language, sample in samples().items():
        text = json.dumps([sample], ensure_ascii=False)
        (Path(directory) / f"{language}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 1 + ARGUMENTS:
        sys.exit(__doc__)
    main(*sys.argv[1:])

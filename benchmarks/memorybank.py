"""Convert MemoryBank's Chinese dialogues, with our labels, to the format of LoCoMo.

    python -m benchmarks.memorybank DIALOGUES.json OUTPUT.json

An exchange is two messages under one label: the user's, under the user's name, and the answer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ARGUMENTS = 2
LABELS = Path(__file__).parent / "labels" / "memorybank-cn.json"


def sample(person: Mapping[str, Any], labels: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sample of one user in the format of LoCoMo."""
    talk: dict[str, Any] = {"speaker_a": person["user"], "speaker_b": "assistant"}
    for day, (date, exchanges) in enumerate(person["history"].items(), start=1):
        talk[f"session_{day}_date_time"] = f"{date}T12:00:00Z"
        talk[f"session_{day}"] = [
            {"speaker": speaker, "dia_id": f"D{day}:{number}", "text": text.strip()}
            for number, exchange in enumerate(exchanges, start=1)
            for speaker, text in (
                (person["user"], exchange["query"]),
                ("assistant", exchange["response"]),
            )
            if text.strip()
        ]
    asked = [*labels["own"].get(person["user"], [])]
    for number, turns in labels["original"].get(person["user"], {}).items():
        asked.append(["original", person["questions"][int(number) - 1], turns])
    questions = [
        {"question": text, "category": kind, "evidence": [f"D{turn}" for turn in turns]}
        for kind, text, turns in asked
    ]
    return {"sample_id": person["user"], "conversation": talk, "qa": questions}


def main(dialogues: str, output: str) -> None:
    """Read the dialogues and write the samples."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    people = json.loads(Path(dialogues).read_text(encoding="utf-8"))
    samples = [sample(person, labels) for person in people]
    Path(output).write_text(json.dumps(samples, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 1 + ARGUMENTS:
        sys.exit(__doc__)
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Write one set of two languages, with questions in the one on memories in the other.

    mixed.py LOCOMO.json MEMORYBANK.json OUTPUT.json

MEMORYBANK.json is what `memorybank.py` wrote. Of the three conversations and eleven users that our
labels ask about, all that is there is kept; the questions of the two sets stay. Ask with --merged.
"""

import json
import sys
from pathlib import Path

LABELS = Path(__file__).parent / "labels" / "cross-language.json"
ACROSS = "cross-language"


def asked(sample, questions, prefix):
    across = [
        {"question": text, "category": ACROSS, "evidence": [f"{prefix}{turn}" for turn in turns]}
        for text, turns in questions
    ]
    within = [question for question in sample["qa"] if question["category"] != "english"]
    return {**sample, "qa": [*within, *across]}


def main(locomo, memorybank, output):
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    samples = [
        asked(sample, labels[language][sample["sample_id"]], prefix)
        for path, language, prefix in ((locomo, "chinese", ""), (memorybank, "english", "D"))
        for sample in json.loads(Path(path).read_text(encoding="utf-8"))
        if sample["sample_id"] in labels[language]
    ]
    Path(output).write_text(json.dumps(samples, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])

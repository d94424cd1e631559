"""Write a set whose questions have one typing error each.

    python -m benchmarks.typos KIND SEED CONVERSATIONS.json OUTPUT.json

KIND is where it occurs: `name`, in the first name of a speaker; `word`, in the longest other word;
`any`, in any word. Two letters are swapped, or one is omitted, doubled, or replaced by its
neighbour on the keyboard, but never the first of a word. The same seed gives the same errors.
Questions without such a word are unchanged.
"""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

ARGUMENTS = 4
KINDS = ("name", "word", "any")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"[A-Za-z]{4,}|[A-Z][a-z]+")
_LETTERS = 4


def mistyped(text: str, names: Collection[str], kind: str, rng: random.Random) -> str:
    """Return a question with one typing error of a kind."""
    words = list(_WORD.finditer(text))
    named = [word for word in words if word[0] in names]
    others = [word for word in words if word[0] not in names and len(word[0]) >= _LETTERS]
    match kind:
        case "name":
            chosen = named[:1]
        case "word":
            chosen = sorted(others, key=lambda word: len(word[0]), reverse=True)[:1]
        case _:
            chosen = rng.sample([*named, *others], min(1, len(named) + len(others)))
    for word in chosen:
        text = text[: word.start()] + _slip(word[0], rng) + text[word.end() :]
    return text


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return rng.choice(
        (
            before[:-1] + letter + before[-1] + after if at > 1 else before + after,
            before + after,
            before + letter + letter + after,
            before + _beside(letter, rng) + after,
        )
    )


def _beside(letter: str, rng: random.Random) -> str:
    row = next((row for row in _KEYBOARD if letter in row), letter)
    at = row.find(letter)
    return rng.choice(row[max(at - 1, 0) : at] + row[at + 1 : at + 2] or letter)


def main(kind: str, seed: str, conversations: str, output: str) -> None:
    """Read a set and write it with mistyped questions."""
    rng = random.Random(int(seed))  # noqa: S311 - the same typos every time
    samples = json.loads(Path(conversations).read_text(encoding="utf-8"))
    for sample in samples:
        names = {sample["conversation"]["speaker_a"], sample["conversation"]["speaker_b"]}
        for question in sample["qa"]:
            question["question"] = mistyped(question["question"], names, kind, rng)
    Path(output).write_text(json.dumps(samples, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 1 + ARGUMENTS or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    main(*sys.argv[1:])

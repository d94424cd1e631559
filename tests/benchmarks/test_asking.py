"""Questions with typing errors and in eight languages: reproducible, with their answers."""

import json
import random
from itertools import product

from benchmarks import languages, typos
from tests.support.each import each

QUESTION = "What did Caroline paint during the workshop?"


@each(("kind", "seed"), product(["name", "word"], range(20)))
def test_a_typing_error_changes_only_the_word_of_its_kind_and_never_the_first_letter(kind, seed):
    word = {"name": "Caroline", "word": "workshop"}[kind]
    asked = typos.mistyped(QUESTION, {"Caroline"}, kind, random.Random(seed))
    before, after = QUESTION.split(word)
    assert asked != QUESTION
    assert asked.startswith(before + word[0])
    assert asked.endswith(after)
    assert abs(len(asked) - len(QUESTION)) <= 1


def test_the_same_seed_gives_the_same_typing_errors_and_another_one_others(tmp_path):
    talk = {"conversation": {"speaker_a": "Caroline", "speaker_b": "Mel"}}
    conversations = tmp_path / "set.json"
    conversations.write_text(json.dumps([talk | {"qa": [{"question": QUESTION}] * 20}]))
    written = []
    for seed in ("1", "1", "2"):
        typos.main("any", seed, str(conversations), str(tmp_path / "asked.json"))
        written.append((tmp_path / "asked.json").read_text())
    assert written[0] == written[1] != written[2]
    assert QUESTION not in written[0]


def test_every_language_has_each_memory_and_each_question_once():
    samples = languages.samples()
    assert len(samples) == 8
    for sample in samples.values():
        turns = sample["conversation"]["session_1"]
        assert len({turn["text"] for turn in turns}) == 52
        assert len({one["question"] for one in sample["qa"]}) == 8 * 32
        assert {label for one in sample["qa"] for label in one["evidence"]} <= {
            turn["dia_id"] for turn in turns
        }

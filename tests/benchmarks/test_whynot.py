"""`python -m benchmarks why-not` checks the stated reasons against known ones."""

import json

SAID = (
    "The kiln fires for twelve hours.",
    "陶轮放在地下室的暖气旁边。",
    "We painted the fence on Sunday.",
    "My neighbour keeps three goats.",
    "The heron nests behind the mill.",
    "The tram to the harbour leaves at seven.",
)
ASKED = (
    "How long does the kiln fire?",
    "When was the fence painted?",
    "Which animals does the neighbour keep?",
    "Where does the heron nest?",
    "When does the tram leave?",
    "Where is the potter's wheel?",
)
ANSWERS = (1, 3, 4, 5, 6, 2)


def test_each_reason_is_produced_and_stated_correctly(bench, tmp_path):
    turns = [
        {"speaker": "user", "dia_id": f"D1:{place}", "text": text}
        for place, text in enumerate(SAID, start=1)
    ]
    asked = [
        {"question": text, "category": "one", "evidence": [f"D1:{place}"]}
        for text, place in zip(ASKED, ANSWERS, strict=True)
    ]
    talk = {
        "speaker_a": "user",
        "session_1_date_time": "2026-03-01T09:00:00Z",
        "session_1": turns,
    }
    data, to = tmp_path / "talks.json", tmp_path / "why.json"
    data.write_text(json.dumps([{"sample_id": "garden", "conversation": talk, "qa": asked}]))
    code, out, err = bench("why-not", "--data", data, "--json", to)
    assert code == 0, err
    told = json.loads(to.read_text())
    cases = told["why_not"]["cases"]
    causes = {case["cause"] for case in cases}
    assert {"filtered", "unknown"} < causes
    assert told["right"] == len(cases)
    assert "not a candidate" in out

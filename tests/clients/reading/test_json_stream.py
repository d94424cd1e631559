"""Lists of JSON are read element by element, whatever their length."""

import json
import subprocess
import sys

from sage.clients.reading.json_stream import read_records


def test_a_list_is_read_element_by_element_with_little_memory(tmp_path):
    path = tmp_path / "long.json"
    element = json.dumps({"text": "猫" * 300_000})
    with path.open("w", encoding="utf-8") as file:
        file.write("[" + ", ".join([element] * 100) + "]")
    code = (
        "import resource, sys; from sage.clients.reading.json_stream import read_records;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "print(sum(1 for _ in read_records(open(sys.argv[1], 'rb'))),"
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    ).stdout.split()
    assert out[0] == "100"
    grown_bytes = int(out[1]) * (1 if sys.platform == "darwin" else 1024)
    assert grown_bytes < path.stat().st_size / 2


def test_numbers_at_the_seam_of_two_blocks_stay_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("sage.clients.reading.json_stream._FIRST_BYTES", 3)
    path = tmp_path / "x.json"
    path.write_text(' [1234567, "猫猫猫", {"a": [1]}, -5.5e3 ]')
    with path.open("rb") as stream:
        assert [*read_records(stream)] == [1234567, "猫猫猫", {"a": [1]}, -5500.0]

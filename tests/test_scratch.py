import os
import tempfile

from tests.support import scratch


def test_files_go_into_memory_only_where_there_is_room_and_no_other_place_is_named(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "_ROOM_BYTES", 2**60)
    monkeypatch.setattr(tempfile, "tempdir", "kept")
    monkeypatch.delenv("TMPDIR", raising=False)
    scratch.keep_temporary_files_in_memory()
    assert ("TMPDIR" in os.environ, tempfile.tempdir) == (False, "kept")

    monkeypatch.setattr(scratch, "_ROOM_BYTES", 1)
    scratch.keep_temporary_files_in_memory()
    assert tempfile.gettempdir() == str(tmp_path)

    monkeypatch.setenv("TMPDIR", "/named")
    scratch.keep_temporary_files_in_memory()
    assert os.environ["TMPDIR"] == "/named"

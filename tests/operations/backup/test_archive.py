"""The file of a backup: what of it is believed, and what is refused."""

import hashlib
import io
import random
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sage.errors import BackupError
from sage.operations.backup.archive import DUMP, MANIFEST, Archive, ArchiveWriter
from sage.operations.backup.manifest import Contents, Manifest, Origin
from tests.architecture.sources import ROOT

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole():
    """Write a small backup; give its bytes."""
    file = io.BytesIO()
    writer = ArchiveWriter(file)
    writer.write(random.Random(1).randbytes(200) + bytes(300))
    origin, contents = Origin(1, NOW, "18.6", "0.8.5", "public"), Contents((), "", ())
    writer.finish(Manifest(1, "1", NOW, "18.6", origin, contents, (writer.end_dump(),)))
    return file.getvalue()


def read(content):
    """Read and check all of a file."""
    archive = Archive(io.BytesIO(content), Path("x.backup"))
    manifest = archive.manifest()
    list(archive.check_dump(manifest))
    return manifest


def test_a_file_that_was_cut_off_anywhere_is_refused(whole):
    for size in range(len(whole)):
        with pytest.raises(BackupError, match="is not a Sage backup, or is incomplete"):
            read(whole[:size])


def test_a_wrong_bit_is_refused_or_changes_nothing_that_is_read(whole):
    manifest, refused = read(whole), 0
    places = range(0, 8 * len(whole), 5)
    for place in places:
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        try:
            assert read(changed) == manifest
        except BackupError:
            refused += 1
    assert refused > len(places) / 2


def test_any_program_reads_it_and_other_zip_files_are_no_backup(whole):
    with zipfile.ZipFile(io.BytesIO(whole)) as parts:
        assert (parts.namelist(), parts.testzip()) == ([DUMP, MANIFEST], None)
    photos = io.BytesIO()
    with zipfile.ZipFile(photos, "w") as parts:
        parts.writestr("beach.jpg", b"")
    with pytest.raises(BackupError, match="is not a Sage backup") as raised:
        read(photos.getvalue())
    assert raised.value.detail == "it does not contain database.dump, manifest.json"


def test_the_page_says_how_a_backup_gets_the_checksum_that_earlier_commits_ask_for(whole, tmp_path):
    page = (ROOT / "docs" / "maintenance.md").read_text()
    script, backup = tmp_path / "seal.py", tmp_path / "x.backup"
    script.write_text(page.split("```python\n")[1].split("```")[0])
    backup.write_bytes(whole)
    subprocess.run([sys.executable, script, backup], check=True)
    sealed = backup.read_bytes()
    assert sealed[-71:-64] == b"sha256:"
    assert sealed[-64:].decode() == hashlib.sha256(sealed[:-64]).hexdigest()
    assert read(sealed) == read(whole)


def test_a_name_that_is_no_text_is_damage(whole):
    entry = whole.rindex(b"PK\x01\x02")
    changed = bytearray(whole)
    changed[entry + 9] |= 8  # names are UTF-8
    changed[entry + 46] = 0xFF
    with pytest.raises(BackupError, match="is damaged"):
        read(changed)

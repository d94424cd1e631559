"""A small file takes neither the memory of a machine nor hours of its time."""

import time
import tracemalloc
import zipfile

import pytest

from sage.errors import BackupError
from sage.operations.backup.archive import DUMP, MANIFEST, Archive
from sage.operations.backup.declared_schema import read_tables

MIB = 1 << 20


def archive(tmp_path, method, manifest_mib):
    """Write a backup of zeros whose manifest says that it is short."""
    path = tmp_path / "x.backup"
    with zipfile.ZipFile(path, "w", method) as parts:
        parts.writestr(DUMP, bytes(8 * MIB))
        with parts.open(MANIFEST, "w") as manifest:
            for _ in range(manifest_mib):
                manifest.write(bytes(MIB))
        parts.filelist[-1].file_size = 1_000
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_part_that_is_longer_than_it_says_takes_no_memory(tmp_path, method):
    path = archive(tmp_path, method, 96)
    with path.open("rb") as file:
        tracemalloc.start()
        try:
            with pytest.raises(BackupError, match="is damaged"):
                Archive(file, path).manifest()
            if method != zipfile.ZIP_DEFLATED:
                with pytest.raises(BackupError, match="is damaged"):
                    next(Archive(file, path).dump())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 64 * MIB


def test_tables_that_never_end_are_read_in_a_time_that_grows_with_their_length():
    def seconds(tables):
        sql = "CREATE TABLE a (\n" * tables
        began = time.process_time()
        assert read_tables(sql) == {}
        return time.process_time() - began

    assert min(seconds(20_000) for _ in range(3)) < 10 * min(seconds(5_000) for _ in range(3))

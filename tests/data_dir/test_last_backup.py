"""When the newest backup was made, kept beside the data."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sage.data_dir.last_backup import read_last_backup, record_backup

AT = datetime(2026, 11, 26, 8, 30, 15, 123456, tzinfo=UTC)


def test_the_newest_backup_is_remembered(tmp_path):
    assert read_last_backup(tmp_path) is None
    record_backup(tmp_path, AT)
    assert read_last_backup(tmp_path) == AT
    later = datetime(2026, 12, 1, tzinfo=timezone(timedelta(hours=8)))
    record_backup(tmp_path, later)
    assert read_last_backup(tmp_path) == later


@pytest.mark.parametrize("damage", ["", "yesterday", "2026-11-26T08:30:15", "\x00" * 64])
def test_what_cannot_be_read_counts_as_no_backup(tmp_path, damage):
    record_backup(tmp_path, AT)
    (tmp_path / "last-backup").write_text(damage)
    assert read_last_backup(tmp_path) is None

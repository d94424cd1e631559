"""CSV: the dates in it are of the format that is told, and two days are never taken for one."""

import pytest

from tests.transfer.importing.sample_files import write

DATED = "content,date\nfirst,04/03/2026 08:00\nsecond,14/03/2026 08:00\nthird,\n"


def kept(sage):
    """Return the texts and the days of what is kept."""
    lines = sage("export").out.splitlines()
    return {line.split('"content": "')[1].split('"')[0]: line for line in lines}


def test_a_date_that_may_be_two_days_is_left_out_and_the_way_out_told(sage, tmp_path):
    told = sage("import", write(tmp_path / "notes.csv", DATED))
    assert "skipped: ambiguous date 2" in told.out
    assert "pass --date-format" in told.err
    assert kept(sage).keys() == {"third"}


@pytest.mark.parametrize(
    ("date_format", "first"), [("%d/%m/%Y %H:%M", "2026-03-04"), ("%m/%d/%Y %H:%M", "2026-04-03")]
)
def test_dates_are_read_in_the_format_that_is_told(sage, tmp_path, date_format, first):
    text = DATED if first == "2026-03-04" else DATED.replace("14/03", "03/14")
    path = write(tmp_path / "notes.csv", text)
    told = sage("import", path, "--date-format", date_format, "--timezone", "Asia/Shanghai")
    assert (told.code, told.err.count("ambiguous")) == (0, 0)
    found = kept(sage)
    assert f'"created_at": "{first}T00:00:00+00:00"' in found["first"]
    assert '"created_at": "2026-03-14T00:00:00+00:00"' in found["second"]
    assert '"undated": true' in found["third"]


def test_one_date_that_does_not_fit_ends_the_import_before_it_begins(sage, tmp_path):
    path = write(tmp_path / "notes.csv", DATED)
    told = sage("import", path, "--date-format", "%m/%d/%Y %H:%M")
    assert told.code == 2
    assert "row 2: '14/03/2026 08:00' does not match --date-format %m/%d/%Y %H:%M" in told.err
    assert "%d/%m/%Y" in told.err  # the hint
    assert sage("export").out == ""

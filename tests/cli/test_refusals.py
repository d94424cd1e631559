"""What the tools refuse from a shell, before any database is opened."""

import json
from urllib.parse import urlsplit

import pytest

TEXT = "x"


@pytest.fixture
def nowhere(sage, monkeypatch):
    """Run where opening the services would fail the test."""

    def opened(*_args):
        raise AssertionError("the services were opened for a wrong argument")

    monkeypatch.setattr("sage.bootstrap.open_services", opened)
    return sage


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (("save",), "USER"),
        (("save", TEXT), "ASSISTANT"),
        (("save", "", TEXT), "USER"),
        (("save", TEXT, " "), "ASSISTANT"),
        (("save", "\ud800", TEXT), "USER"),
        (("save", "a" * 100_001, TEXT), "USER"),
        (("save", TEXT, TEXT, "--file", "x.json"), "--file"),
        (("save", "--file", "missing.json"), "--file"),
        (("save", TEXT, TEXT, "--session", ""), "--session"),
        (("save", TEXT, TEXT, "--session", "s" * 201), "--session"),
        (("save", TEXT, TEXT, "--metadata", "{"), "--metadata"),
        (("save", TEXT, TEXT, "--metadata", "[1]"), "--metadata"),
        (("save", TEXT, TEXT, "--metadata", '{"a": NaN}'), "--metadata"),
        (("save", TEXT, TEXT, "--created-at", "tomorrow"), "--created-at"),
        (("save", TEXT, TEXT, "--idempotency-key", "k" * 201), "--idempotency-key"),
        (("search", ""), "QUERY"),
        (("search", "q" * 4001), "QUERY"),
        (("search", TEXT, "-n", "0"), "-n"),
        (("search", TEXT, "-n", "51"), "-n"),
        (("search", TEXT, "--threshold", "1.1"), "--threshold"),
        (("search", TEXT, "--threshold", "nan"), "--threshold"),
        (("search", TEXT, "--after", "2026-13-01"), "--after"),
        (("search", TEXT, "--after", "2026-02-01", "--before", "2026-01-01"), "--after"),
        (("search", TEXT, "--metadata", "tea"), "--metadata"),
        (("context", " "), "QUERY"),
        (("context", TEXT, "--window", "199"), "--window"),
        (("context", TEXT, "-n", "51"), "-n"),
        (("forget",), "MEMORY_ID"),
        (("forget", "tea"), "MEMORY_ID 1"),
        (("forget", "0197f3c2-0000-7000-8000-000000000000", "--session", "s"), "MEMORY_ID"),
        (("serve", "--workers", "0"), "--workers"),
    ],
)
def test_a_wrong_value_is_named_by_its_option_with_a_fix(nowhere, argv, named):
    outcome = nowhere(*argv)
    first, second = outcome.err.splitlines()
    assert outcome.code == 2
    assert outcome.out == ""
    assert first.startswith((f"sage: {named} ", f"sage: {named}: "))
    assert second.startswith("  fix: ")


def test_one_bad_message_keeps_the_whole_file_out(nowhere, tmp_path):
    file = tmp_path / "chat.json"
    good = {"role": "user", "content": TEXT}
    file.write_text(json.dumps([good] * 1500 + [{"role": "user", "content": ""}]))
    outcome = nowhere("save", "--file", file)
    assert outcome.code == 2
    assert "messages[1500].content" in outcome.err


@pytest.mark.parametrize("verb", [("save", TEXT, TEXT), ("search", TEXT), ("stats",), ("doctor",)])
def test_a_wrong_configuration_is_refused_whole(sage, monkeypatch, verb):
    monkeypatch.setenv("SAGE_LOG_LEVEL", "LOUD")
    monkeypatch.setenv("SAGE_MAX_RESULTS", "none")
    outcome = sage(*verb)
    told = outcome.out + outcome.err
    assert outcome.code == (1 if verb == ("doctor",) else 78)
    assert "SAGE_LOG_LEVEL" in told
    assert "SAGE_MAX_RESULTS" in told


@pytest.mark.parametrize("argv", [("serve", "--port", "99999"), ("reembed", "--provider", "nope")])
def test_a_wrong_value_of_a_setting_on_the_command_line_is_wrong_usage(sage, monkeypatch, argv):
    outcome = sage(*argv)
    assert outcome.code == 2
    assert "from command line" in outcome.err
    assert "Did you mean" not in outcome.err
    monkeypatch.setenv("SAGE_MAX_RESULTS", "many")
    assert sage(*argv).code == 78


def test_a_database_that_is_away_is_told_in_a_few_lines(sage, monkeypatch, free_port):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://sage:secret@127.0.0.1:{free_port}/sage")
    outcome = sage("stats")
    assert outcome.code == 1
    assert outcome.err.startswith("sage: ")
    assert len(outcome.err.splitlines()) <= 4
    assert "secret" not in outcome.err
    assert "Connection refused" in outcome.err
    assert "ConnectionRefusedError" not in outcome.err


def test_a_database_that_does_not_exist_is_told_with_what_to_do(sage, monkeypatch, postgres_server):
    dsn = urlsplit(postgres_server)._replace(path="/nowhere").geturl()
    monkeypatch.setenv("DATABASE_URL", dsn)
    outcome = sage("search", TEXT)
    assert outcome.code == 1
    assert "the database does not exist on this server" in outcome.err
    assert "create it, or check DATABASE_URL" in " ".join(outcome.err.split())


def test_a_data_dir_that_cannot_be_made_is_told(sage, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = sage("stats", "--data-dir", tmp_path / "file" / "data")
    assert outcome.code == 1
    assert outcome.err.startswith("sage: ")
    assert "Traceback" not in outcome.err

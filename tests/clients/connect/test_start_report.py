"""What the report of a start says of who gets in, and of clients that look elsewhere."""

import io

from sage.cli.connecting.start_report import write_report
from sage.cli.terminal.console import Console
from sage.local.data_dir.instance import Instance, RunningInstance
from tests.support.serving import settings_for


def test_with_oauth_the_report_does_not_ask_for_a_token_from_everybody(tmp_path):
    settings = settings_for(
        None, tmp_path, auth="oauth", token="t" * 40, public_url="https://sage.example.org"
    )
    out = io.StringIO()
    running = RunningInstance(1, "127.0.0.1", 17800)
    write_report(Console(out, io.StringIO()), settings, Instance(tmp_path), running)
    told = " ".join(out.getvalue().split())
    assert "apps sign in by OAuth" in told
    assert "must send" not in told


def test_the_report_is_six_rows_and_begins_with_what_connects_clients(tmp_path):
    out = io.StringIO()
    settings = settings_for(None, tmp_path)
    running = RunningInstance(1, "127.0.0.1", 17800)
    write_report(Console(out, io.StringIO()), settings, Instance(tmp_path), running)
    lines = [line for line in out.getvalue().splitlines() if not line.startswith("   ")]
    assert lines[0] == "Sage is ready"
    assert [line[2:9].strip() for line in lines[1:]] == [
        *("connect", "MCP URL", "data", "access", "log", "stop")
    ]


def test_the_report_names_clients_that_were_connected_to_another_port(connect, home, data_dir):
    (home / ".claude").mkdir()
    connect("claude-code", "--write")

    def told_at(port):
        err = io.StringIO()
        running = RunningInstance(1, "127.0.0.1", port)
        settings = settings_for(None, data_dir)
        write_report(Console(io.StringIO(), err), settings, Instance(data_dir), running)
        return " ".join(err.getvalue().split())

    assert told_at(17800) == ""
    assert "Claude Code calls http://127.0.0.1:17800/mcp: connect it again" in told_at(17810)
    assert "connect claude-code --write" in told_at(17810)

"""What the report of a start says of who gets in."""

import io

from sage.clients.start_report import write_report
from sage.data_dir.instance import Instance, Running
from sage.terminal.console import Console
from tests.support.serving import settings_for


def test_with_oauth_the_report_does_not_ask_for_a_token_from_everybody(tmp_path):
    settings = settings_for(
        None, tmp_path, auth="oauth", token="t" * 40, public_url="https://sage.example.org"
    )
    out = io.StringIO()
    running = Running(1, "127.0.0.1", 17800)
    write_report(Console(out, io.StringIO()), settings, Instance(tmp_path), running)
    told = " ".join(out.getvalue().split())
    assert "apps sign in by OAuth" in told
    assert "must send" not in told

"""The official conformance suite, both revisions, against Sage's own route and guards."""

from pathlib import Path

import pytest

EXPECTED = Path(__file__).parent


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_the_official_suite_finds_no_fault_that_is_not_listed_with_its_reason(
    programs, suite_url, revision, tmp_path
):
    suite = f"{programs.folder}/@modelcontextprotocol/conformance/dist/index.js"
    expected = EXPECTED / f"expected-failures-{revision}.yml"
    # It lets a server on this machine be named localhost only.
    url = f"{suite_url.replace('127.0.0.1', 'localhost')}/mcp"
    options = ["--requirements", revision, "--expected-failures", expected, "-o", tmp_path]
    done = programs.run(suite, "server", "--url", url, *options, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

"""How long hooks hold up their client: on this machine, over TLS, from afar, and with Sage gone.

It is a report: what is asserted is whether something was recalled.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from tests.machines.machine import hooks_in
from tests.support.polling import wait_for

CALLS = int(os.environ.get("SAGE_TEST_HOOK_CALLS", "8"))
EVENTS = ("start", "prompt", "stop")
TOLD = "The staging host is called pintail."
ASKED = "What is the staging host called?"
CALL = Path(__file__).with_name("call_hooks.py")


def timed(commands, run):
    """Call hooks in turn; return their milliseconds in words, and how many recalled something."""
    told = {"cwd": "/", "prompt": ASKED, "last_assistant_message": "", "source": "startup"}
    took = json.loads(run(sys.executable, CALL, json.dumps([commands, told, CALLS])))
    rows = [
        f"{event} {statistics.median(ms):.0f}/{_p95(ms):.0f}/{max(ms):.0f}"
        for event, ms in took["ms"].items()
    ]
    return ", ".join(rows), took["recalled"]


def _p95(numbers):
    return statistics.quantiles(numbers, n=20, method="inclusive")[-1]


def test_hooks_are_timed_from_near_and_far_and_with_a_host_that_is_gone(
    sage, new_machine, connect, tell, tmp_path
):
    sage.save("What is the staging host called?", TOLD)
    wait_for(sage.is_indexed)
    near = tmp_path / "near"

    def here(*command, **variables):
        return subprocess.run(
            command,
            env={"HOME": str(near), "PATH": os.environ["PATH"], **variables},
            cwd=near,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=120,
        ).stdout

    (near / ".claude").mkdir(parents=True)
    here("curl", "-fsSO", f"{sage.plain_url}/client/sage-client.pyz")
    words = ("connect", "claude-code", "--hooks", "--write", "--url", sage.plain_url)
    here(sys.executable, "sage-client.pyz", *words, SAGE_TOKEN=sage.new_token("near"))
    text, recalled = timed(hooks_in(near, EVENTS), here)
    assert recalled
    lines = [f"on this machine, without TLS: {text} ({recalled} of {CALLS} recalled)"]

    far = new_machine("far", "claude-code", is_far=True)
    far.fetch_client()
    connect(far, "claude-code")
    for latency_ms in (0, 20, 150):
        far.place.cable.delay_s = latency_ms / 2000
        text, recalled = timed(hooks_in(far.folder, EVENTS), far.run)
        lines.append(
            f"TLS, {latency_ms} ms there and back: {text} ({recalled} of {CALLS} recalled)"
        )
    far.place.cut()
    text, recalled = timed(hooks_in(far.folder, EVENTS), far.run)
    assert not recalled
    lines.append(f"a host that does not answer: {text}")
    tell(f"milliseconds, p50/p95/most of {CALLS}\n  " + "\n  ".join(lines))

"""Call hooks in turn, each when what the one before left behind is done; print what they took.

python call_hooks.py '[{"EVENT": "COMMAND"}, {"KEY": "WHAT THE CLIENT TELLS"}, CALLS]'
"""

import json
import subprocess
import sys
import time
from pathlib import Path

_NAMES = {"start": "SessionStart", "prompt": "UserPromptSubmit", "stop": "Stop"}
_MAX_S = 3.0


def captures():
    """Whether a capture runs."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"hooks.capture" in process.read_bytes():
                return True
        except OSError:
            continue
    return False


def main():
    commands, told, calls = json.loads(sys.argv[1])
    took, recalled = {event: [] for event in commands}, 0
    for number in range(calls):
        for event, command in commands.items():
            says = {**told, "session_id": f"timed-{number}", "hook_event_name": _NAMES[event]}
            began = time.perf_counter()
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                input=json.dumps(says).encode(),
                stdout=subprocess.PIPE,
                check=True,
            )
            took[event].append((time.perf_counter() - began) * 1000)
            recalled += event == "prompt" and b"sage-recall" in done.stdout
            ended = time.monotonic() + _MAX_S
            while captures() and time.monotonic() < ended:
                time.sleep(0.02)
    sys.stdout.write(json.dumps({"ms": took, "recalled": recalled}))


main()

"""The REST interface against its own document, by the checks of schemathesis.

All but one: what fits the schema is not always taken, since no schema says what a cursor is, a day
such as yesterday, or the id of a memory.
"""

import os
import subprocess
import sys
from pathlib import Path

HOOKS = Path(__file__).with_name("line_bodies.py")
SECONDS = 30
"""Fuzzing goes on until then: requests are made at random, more runs find more."""


def test_answers_are_what_the_document_says(sage_url, tmp_path):
    tester = Path(sys.executable).with_name("schemathesis")
    options = ["--checks=all", "--exclude-checks=positive_data_acceptance"]
    options += ["--continue-on-failure", "--no-color", "--warnings=off"]
    options += [f"--max-time={SECONDS}", "--suppress-health-check=all"]
    done = subprocess.run(
        [tester, "run", f"{sage_url}/openapi.json", *options],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOOKS.parent), "SCHEMATHESIS_HOOKS": HOOKS.stem},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]

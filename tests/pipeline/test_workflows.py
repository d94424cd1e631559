"""Workflows hold no logic: they check out, pin what they use and call the scripts of ci/."""

import os
import re

import pytest

from tests.architecture.sources import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
RUN = re.compile(r"^\s*(?:- )?run:\s*(?P<command>.*)$", re.MULTILINE)
USES = re.compile(r"^\s*(?:- )?uses:\s*(?P<action>.*)$", re.MULTILINE)
CALL = re.compile(r"(?P<script>ci/[a-z-]+)(?: [a-z0-9./=-]+)*")
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\.github/workflows/ci\.yml")

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def logic(text):
    """Give each command that is more than a call of a script that exists."""
    return [
        command
        for command in RUN.findall(text)
        if not (call := CALL.fullmatch(command)) or not os.access(ROOT / call["script"], os.X_OK)
    ]


def jobs(text):
    """Cut a workflow into its jobs."""
    return re.split(r"^  (?=[a-z][\w-]*:$)", text.split("\njobs:\n")[1], flags=re.MULTILINE)[1:]


def test_there_are_workflows():
    assert {path.stem for path in WORKFLOWS} >= {"ci", "nix", "release", "scan"}


@every_workflow
def test_a_step_only_calls_a_script_that_exists(workflow):
    text = workflow.read_text()
    assert RUN.search(text)
    assert not logic(text)


@every_workflow
def test_actions_are_pinned_by_hash_and_say_their_version(workflow):
    actions = USES.findall(workflow.read_text())
    assert actions
    assert not [action for action in actions if not PINNED.fullmatch(action)]


@every_workflow
def test_a_workflow_has_no_rights_and_one_run_at_a_time(workflow):
    text = workflow.read_text()
    assert "\npermissions: {}\n" in text
    assert "\nconcurrency:\n" in text
    assert "pull_request_target" not in text


@every_workflow
def test_a_job_ends_in_time_and_keeps_no_credentials(workflow):
    found = jobs(workflow.read_text())
    assert found
    for job in found:
        if "    uses: $/" in job:  # its jobs are another workflow's
            continue
        assert "timeout-minutes:" in job
        assert job.count("actions/checkout@") == job.count("persist-credentials: false") == 1


def test_only_the_job_that_publishes_may_write():
    writing = {
        (workflow.stem, job.split(":")[0]): set(re.findall(r"(\S+): write", job))
        for workflow in WORKFLOWS
        for job in jobs(workflow.read_text())
        if ": write" in job
    }
    assert writing == {("release", "publish"): {"attestations", "id-token", "packages"}}


@pytest.mark.parametrize(
    "script", ["lock", "floors", "scan", "vulnerabilities", "reproduce", "nix", "parity", "release"]
)
def test_a_workflow_runs(script):
    called = {command for workflow in WORKFLOWS for command in RUN.findall(workflow.read_text())}
    tested = (ROOT / "ci/test").read_text() if "ci/test" in called else ""
    assert script in {call.split()[0].removeprefix("ci/") for call in called} or script in tested


@pytest.mark.parametrize(
    "command", ["ci/none", "ci/scan && ci/floors", "|", "ci/scan $TOKEN", "echo ci/scan"]
)
def test_logic_is_seen(command):
    assert logic(f"      - run: {command}\n") == [command]

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
    assert writing == {("release", "publish"): {"attestations", "contents", "id-token", "packages"}}


def called():
    """Give the commands of all workflows, and the steps that `ci/all test` stands for."""
    commands = {command for workflow in WORKFLOWS for command in RUN.findall(workflow.read_text())}
    tested = re.search(r"test\) echo ci/test (.*) ;;", (ROOT / "ci/all").read_text())[1].split()
    return commands | {f"ci/{step}" for step in tested if "ci/all test" in commands}


@pytest.mark.parametrize(
    "command",
    [
        *("ci/lock", "ci/types", "ci/py313", "ci/images"),
        *("ci/minimum-versions", "ci/licences", "ci/vulnerabilities", "ci/scan", "ci/scan --prove"),
        *("ci/helm", "ci/helm --prove", "ci/integrations", "ci/site", "ci/index"),
        *("ci/citus", "ci/clients", "ci/console", "ci/machines", "ci/citus --long"),
        *("ci/databases", "ci/replicas"),
        *("ci/reproduce", "ci/reproduce --prove", "ci/release rehearse"),
        *("ci/nix --nixpkgs", "ci/parity --nixpkgs"),
    ],
)
def test_a_workflow_runs(command):
    assert command in called()


def test_no_workflow_runs_the_whole_pipeline_in_one_job():  # its tools are in jobs of their own
    assert not called() & {"ci/test", "ci/test pipeline", "ci/all", "ci/all pipeline"}


def test_a_job_that_scans_has_the_whole_history():
    scanning = [
        job for workflow in WORKFLOWS for job in jobs(workflow.read_text()) if "run: ci/scan" in job
    ]
    assert scanning
    assert all("fetch-depth: 0" in job for job in scanning)


def test_databases_that_are_out_of_reach_keep_no_gate_from_running():
    asking = [
        commands
        for workflow in WORKFLOWS
        for job in jobs(workflow.read_text())
        if "ci/vulnerabilities" in (commands := RUN.findall(job))
    ]
    assert asking
    assert all(commands[-1] == "ci/vulnerabilities" for commands in asking)


@pytest.mark.parametrize(
    "command", ["ci/none", "ci/scan && ci/minimum-versions", "|", "ci/scan $TOKEN", "echo ci/scan"]
)
def test_logic_is_seen(command):
    assert logic(f"      - run: {command}\n") == [command]

"""What one session of a real client was told stands in the context of the next."""

import json
import os
import re
import subprocess
import sys
from uuid import uuid4

import pytest

from benchmarks.prefixes import request_of, shared_prefix_shares
from tests.real_clients.model import ANSWER, remark
from tests.real_clients.programs import PROGRAMS
from tests.support import broken_sage, plain_http
from tests.support.polling import wait_for

QUESTION = "What is the name of the staging host?"
_KEPT_ON_RESUME = 0.9
"""Qwen Code puts its list of tools behind what was said before, the others keep all."""

_RECALLED = re.compile(r"(?:<|&lt;)sage-recall(?:>|&gt;).*?(?:<|&lt;)/sage-recall")


def recalled_in(read):
    """Return the blocks in which Sage told a model something, each once."""
    return {*_RECALLED.findall(read)}


def requests_in(read):
    """Return the requests of the conversation, in their order."""
    return [one for body in json.loads(read) if (one := request_of(body))]


@pytest.mark.timeout(600)
def test_a_connected_client_remembers_its_project_once_and_works_without_sage(
    client, sage, tmp_path
):
    word = f"marmot{uuid4().hex[:6]}"
    told = f"The name of the staging host is {word}."
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")

    printed, read = client.ask(tmp_path / "project", told)
    assert ANSWER in printed
    assert "search_memory" in read  # the tools are offered, or named in the instructions
    wait_for(lambda: sage.texts() == sorted([told, ANSWER]), 20)
    wait_for(sage.is_indexed, 20)

    _, read = client.ask(tmp_path / "elsewhere", QUESTION)
    assert QUESTION in read
    assert word not in read

    printed, read = client.ask(tmp_path / "project", QUESTION)
    assert ANSWER in printed
    assert word in read
    kept = sorted([told, *[QUESTION] * 2, *[ANSWER] * 3])
    wait_for(lambda: sage.texts() == kept, 20)
    sage.tell_costs()

    if client.program.logs:
        sage.run(client.home, "import", str(client.home / client.program.logs))
        assert sage.texts() == kept

    sage.stop()
    printed, read = client.ask(tmp_path / "project", QUESTION)
    assert ANSWER in printed
    assert word not in read


@pytest.mark.timeout(600)
def test_what_was_decided_of_a_command_reaches_the_model_when_it_is_used(client, sage, tmp_path):
    if not client.program.edits:
        assert "is not possible" in sage.run(
            client.home, "connect", client.program.name, "--hooks", "edits", code=2
        )
        return
    sage.run(client.home, "connect", client.program.name, "--hooks", "edits", "--write")
    said = ("Migrations are run with alembic only from CI.", "Tests are run with pytest.")
    for text in (*said, "Images are built with docker.", "Herons nest by the mill."):
        body = {
            "user_prompt": text,
            "assistant_response": "Noted.",
            "session_id": text,
            "metadata": {"project": str(tmp_path / "project")},
        }
        plain_http.post(f"{sage.url}/api/v1/conversations", json=body).raise_for_status()
    wait_for(sage.is_indexed, 20)
    for _ in range(3):  # on a busy machine a hook may give up
        told = recalled_in(client.use(tmp_path / "project", "alembic upgrade head"))
        told = {one for one in told if "only from CI" in one}
        if told:
            break
    (one,) = told
    assert "docker" not in one  # it is not what the session began with


@pytest.mark.timeout(600)
def test_a_client_on_another_machine_remembers_by_the_file_that_sage_serves(client, sage, tmp_path):
    word = f"marmot{uuid4().hex[:6]}"
    told = f"The name of the staging host is {word}."
    token = sage.run(client.home, "token", "create", "--machine", "laptop").split()[0]
    file = tmp_path / "sage-client.pyz"
    file.write_bytes(plain_http.get(f"{sage.url}/client/sage-client.pyz").content)
    words = ["connect", client.program.name, "--hooks", "--write", "--url", sage.url]
    subprocess.run(
        [sys.executable, file, *words],
        env={"HOME": str(client.home), "PATH": os.environ["PATH"], "SAGE_TOKEN": token},
        check=True,
        timeout=60,
    )
    assert ANSWER in client.ask(tmp_path / "project", told)[0]
    wait_for(lambda: sage.texts() == sorted([told, ANSWER]), 20)
    wait_for(sage.is_indexed, 20)
    assert word in client.ask(tmp_path / "project", QUESTION)[1]


@pytest.mark.timeout(600)
def test_a_prompt_recalls_what_answers_it_and_nothing_else(client, sage, tmp_path):
    code = f"marmot{uuid4().hex[:6]}"
    sage.run(client.home, "save", "What opens the archive?", f"The code of its door is {code}.")
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")
    wait_for(sage.is_indexed, 20)
    for prompt, is_recalled in {
        "What is the code of the door of the archive?": True,
        "How long does sourdough bread rise in a cold kitchen?": False,
        "好的": False,
    }.items():
        _, read = client.ask(tmp_path / "project", prompt)
        assert prompt in read
        assert (code in read) == is_recalled, prompt


@pytest.mark.timeout(600)
def test_what_was_sent_stays_the_beginning_of_the_next_request(client, sage, tmp_path):
    word = f"marmot{uuid4().hex[:6]}"
    sage.run(client.home, "save", QUESTION, f"The name of the staging host is {word}.")
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")
    wait_for(sage.is_indexed, 20)
    _, read = client.ask(tmp_path / "project", QUESTION, steps=2)
    requests = requests_in(read)
    assert word in requests[0].text
    assert shared_prefix_shares(requests[-3:]) == [1, 1]


@pytest.mark.timeout(600)
def test_a_session_that_is_resumed_has_its_first_prompt_and_what_it_was_told_still(
    client, sage, tmp_path
):
    word = f"marmot{uuid4().hex[:6]}"
    body = {
        "user_prompt": f"The name of the staging host is {word}.",
        "assistant_response": "Noted.",
        "session_id": "before",
        "metadata": {"project": str(tmp_path / "project")},
    }
    plain_http.post(f"{sage.url}/api/v1/conversations", json=body).raise_for_status()
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")
    wait_for(sage.is_indexed, 20)
    first = "Rename the exporter to collector."
    _, read = client.ask(tmp_path / "project", first)
    (told,) = recalled_in(read)
    assert word in told
    began = requests_in(read)[0]

    _, read = client.resume(tmp_path / "project", "Go on with it, please.")
    (resumed,) = [one for one in requests_in(read) if one.head == began.head]
    assert first in resumed.text
    assert recalled_in(resumed.text) == {told}
    (kept,) = shared_prefix_shares([began, resumed])
    assert kept > _KEPT_ON_RESUME


@pytest.mark.timeout(600)
def test_a_client_works_as_before_whatever_is_wrong_with_sage_and_all_of_it_is_kept_later(
    client, sage, tmp_path
):
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")
    sage.stop()
    faults = {
        "slow": broken_sage.slowly,
        "wrong": broken_sage.with_garbage,
        "deadly": broken_sage.killing_hooks_of(sage.data_dir),
    }
    told = []
    for name, answers in faults.items():
        told.append(f"The name of the {name} host is marmot{uuid4().hex[:6]}.")
        with broken_sage.answering(answers, sage.port):
            printed, read = client.ask(tmp_path / "project", told[-1])
            assert ANSWER in printed
            assert told[-1] in read
            wait_for(lambda: not broken_sage.hooks_of(sage.data_dir))

    sage.start()
    told.append("The name of the last host is heron.")
    client.ask(tmp_path / "project", told[-1])
    wait_for(lambda: sage.texts() == sorted([*told, *[ANSWER] * len(told)]), 20)


@pytest.mark.timeout(900)
def test_turns_of_many_texts_questions_asked_again_and_logs_leave_what_is_worth_recalling(
    client, sage, tmp_path
):
    word = f"marmot{uuid4().hex[:6]}"
    project = tmp_path / "project"
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")
    told = f"The name of the staging host is {word}."
    client.ask(project, told)
    wait_for(lambda: sage.texts() == sorted([told, ANSWER]), 20)

    task = "Find out why test_login is flaky."
    client.ask(project, task, steps=3)
    remarks = [remark(step) for step in (1, 2, 3)]
    wait_for(lambda: sage.texts() == sorted([told, task, *remarks, *[ANSWER] * 2]), 20)
    wait_for(sage.is_indexed, 20)
    for asked_before in range(3):
        _, read = client.ask(project, QUESTION)
        assert word in read
        assert not [one for one in remarks if one in read]
        assert asked_before or task in read
        if asked_before:  # the last two sessions say nothing of it: the prompt brings it
            (told_of_word,) = [one for one in recalled_in(read) if word in one]
            assert QUESTION not in told_of_word

    log = "2026-11-29 12:00:00 ERROR worker-7 disk full\n" * 10_000
    asked = "What is wrong in this log?"
    client.ask(project, asked, piped=log)
    wait_for(lambda: sage.texts().count(ANSWER) == 6, 60)
    wait_for(sage.is_indexed, 60)
    _, read = client.ask(project, "And what did the other log say?")
    assert asked in read
    assert read.count("worker-7 disk full") < 100
    wait_for(lambda: sage.texts().count(ANSWER) == 7, 20)
    kept = sage.texts()
    if client.program.logs:
        sage.run(client.home, "import", str(client.home / client.program.logs))
        assert sage.texts() == kept


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "program",
    [one for one in PROGRAMS if one.fork],
    indirect=True,
    ids=lambda program: program.name,
)
def test_a_fork_is_told_nothing_that_it_repeats_and_is_kept_once(client, sage, tmp_path):
    told = f"The name of the staging host is marmot{uuid4().hex[:6]}."
    sage.run(client.home, "connect", client.program.name, "--hooks", "--write")
    client.ask(tmp_path / "project", told)
    wait_for(lambda: sage.texts() == sorted([told, ANSWER]), 20)
    wait_for(sage.is_indexed, 20)
    _, read = client.fork(tmp_path / "project", QUESTION)
    assert told in read
    assert "sage-recall" not in read
    kept = sorted([told, QUESTION, *[ANSWER] * 2])
    wait_for(lambda: sage.texts() == kept, 20)

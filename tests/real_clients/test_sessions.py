"""What one session of a real client was told stands in the context of the next."""

from uuid import uuid4

import pytest

from tests.real_clients.model import ANSWER
from tests.support.polling import wait_for

QUESTION = "What is the name of the staging host?"


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

    if client.program.logs:
        sage.run(client.home, "import", str(client.home / client.program.logs))
        assert sage.texts() == kept

    sage.stop()
    printed, read = client.ask(tmp_path / "project", QUESTION)
    assert ANSWER in printed
    assert word not in read

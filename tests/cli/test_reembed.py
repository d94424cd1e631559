"""`sage reembed` on a database of its own, with a SiliconFlow on loopback to move to."""

import asyncio
import json
import signal
import sys
import threading

import asyncpg
import pytest

from tests.architecture.sources import INSTALLED
from tests.support.fake_siliconflow import KEY, FakeSiliconFlow
from tests.support.screen import MANNERS, run_tidily
from tests.support.serving import wait_until

OLD, NEW = "BAAI/bge-m3", "BAAI/bge-large-zh-v1.5"
MOVE = ("reembed", "--model", NEW)


@pytest.fixture
def fake():
    """Run a SiliconFlow in a thread; `inject` and what it counts may be used from the test."""
    loop = asyncio.new_event_loop()
    running = FakeSiliconFlow()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def on_loop(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    on_loop(running.__aenter__())
    running.at_once = on_loop
    yield running
    on_loop(running.__aexit__())
    on_loop(_end_all())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _end_all():
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def configured(sage, monkeypatch, postgres_dsn, fake):
    """Run the command line where SiliconFlow makes the vectors."""
    for name, value in (
        ("DATABASE_URL", postgres_dsn),
        ("SILICONFLOW_API_KEY", KEY),
        ("SILICONFLOW_BASE_URL", fake.url),
        ("EMBEDDING_MODEL", OLD),
    ):
        monkeypatch.setenv(name, value)
    return sage


@pytest.fixture
def filled(configured, tmp_path):
    """Save a hundred memories and wait until they are embedded."""
    texts = [f"heron number {number}" for number in range(100)]
    file = tmp_path / "talk.json"
    file.write_text(json.dumps([{"role": "user", "content": text} for text in texts]))
    assert configured("save", "--file", file).code == 0

    def embedded():
        return json.loads(configured("stats", "--json").out)["queue"]["pending"] == 0

    wait_until(embedded, "embedding")
    return configured


@pytest.fixture
def held_up(filled, launch, fake):  # noqa: ARG001 - there is something to move
    """Start a move that waits for the provider, and give what it said of that."""
    fake.at_once(fake.inject("overloaded", only_with="heron number 99"))
    process = launch(*MOVE, cwd="/")
    said = next(line for line in process.stderr if b"waiting: " in line)
    yield process, said.decode()
    process.kill()


def model_of(run):
    return json.loads(run("stats", "--json").out)["embedding_model"]


def test_a_move_is_told_from_the_changed_setting_to_the_deleted_vectors(
    filled, monkeypatch, free_port
):
    monkeypatch.setenv("EMBEDDING_MODEL", NEW)
    monkeypatch.setenv("MCP_SERVER_PORT", str(free_port))
    assert "sage reembed" in filled("stats").err
    doctor = {
        check["name"]: check for check in json.loads(filled("doctor", "--json").out)["checks"]
    }
    assert doctor["vectors"]["status"] == "warning"
    assert "sage reembed" in doctor["vectors"]["hint"]
    assert model_of(filled) == OLD
    outcome = filled("reembed")
    assert outcome.code == 0, outcome.err
    assert "embedded 100 memories" in outcome.out
    assert "100 memories left" in outcome.err
    assert "EMBEDDING_MODEL" not in outcome.out
    assert model_of(filled) == NEW
    assert "sage reembed" not in filled("stats").err
    again = filled("reembed")
    assert (again.code, again.out) == (
        0,
        f"{NEW} (siliconflow) is already active; nothing to embed\n",
    )
    monkeypatch.setattr("sage.service.reembedding._NOTICED_AFTER_S", 0)
    dropped = json.loads(filled("reembed", "--drop-old", "--json").out)
    assert dropped["switched"] is False
    assert [(one["model"]["name"], one["vectors"]) for one in dropped["dropped"]] == [(OLD, 100)]


def test_a_model_named_on_the_command_line_alone_is_to_be_configured(filled):
    outcome = filled(*MOVE, "--json")
    answer = json.loads(outcome.out)
    assert answer["switched"] is True
    assert (answer["embedded"], answer["refused"], answer["queued"]) == (100, 0, 0)
    assert model_of(filled) == NEW
    back = filled("reembed", "--model", OLD)
    assert "EMBEDDING_MODEL" not in back.out
    *_, kept, delete = lines = filled(*MOVE).out.splitlines()
    assert f"  EMBEDDING_MODEL={NEW}" in lines
    assert kept == f"the vectors of {OLD} are kept; to delete them:"
    assert delete == f"  sage reembed --model {NEW} --drop-old"


def test_dropping_never_moves_back_to_what_is_configured(filled, monkeypatch):
    monkeypatch.setattr("sage.service.reembedding._NOTICED_AFTER_S", 0)
    assert filled(*MOVE, "-y").code == 0
    refused = filled("reembed", "--drop-old", "-y")
    assert refused.code == 1
    assert f"{NEW} (siliconflow, 1024) is active, but {OLD}" in refused.err
    assert f"sage reembed --provider siliconflow --model {NEW}" in refused.err
    assert model_of(filled) == NEW
    dropped = json.loads(filled(*MOVE, "--drop-old", "--json").out)
    assert dropped["switched"] is False
    assert [(one["model"]["name"], one["vectors"]) for one in dropped["dropped"]] == [(OLD, 100)]
    assert model_of(filled) == NEW


@pytest.mark.parametrize(
    ("argv", "environ", "code", "words"),
    [
        (["--provider", "nobody"], {}, 2, "--provider  from command line"),
        (["--dimensions", "many"], {}, 2, "--dimensions  from command line"),
        (["--dimensions", "77"], {}, 2, "--dimensions  from command line"),
        (["--model", "nobody/new"], {}, 2, "--dimensions  from command line"),
        ([], {"EMBEDDING_DIMENSIONS": "77"}, 78, "EMBEDDING_DIMENSIONS  from settings"),
        (["--provider", "siliconflow"], {"SILICONFLOW_API_KEY": ""}, 78, "SILICONFLOW_API_KEY"),
        (["--provider", "openai"], {}, 78, "EMBEDDING_BASE_URL"),
        (["--provider", "local", "--model", NEW], {}, 2, "--model"),
        (["--model", NEW], {"SILICONFLOW_API_KEY": "sk-wrong"}, 1, "rejected the API key"),
    ],
)
def test_what_cannot_be_moved_to_changes_nothing_and_says_what_to_do(  # noqa: PLR0913, PLR0917
    filled, monkeypatch, argv, environ, code, words
):
    with monkeypatch.context() as patched:
        for name, value in environ.items():
            patched.setenv(name, value)
        outcome = filled("reembed", *argv)
    assert outcome.code == code
    assert words in outcome.err
    assert "fix:" in outcome.err
    assert "circuit_opened" not in outcome.err
    assert model_of(filled) == OLD


@pytest.fixture
def asked(postgres_dsn):
    """Ask the database for one value."""

    def ask(sql):
        async def run():
            conn = await asyncpg.connect(postgres_dsn)
            try:
                return await conn.fetchval(sql)
            finally:
                await conn.close()

        return asyncio.run(run())

    return ask


NAME = "SELECT name FROM sage.active_model JOIN sage.embedding_models USING (model_id)"


@pytest.mark.usefixtures("fake")
def test_in_a_new_database_a_model_serves_when_it_has_answered_and_not_before(configured, asked):
    assert configured("reembed", "--model", "heron", "--dimensions", "1024").code == 1
    assert asked(NAME) is None
    assert configured(*MOVE).code == 0
    assert asked(NAME) == NEW


def test_without_any_vector_a_move_asks_the_model_first_and_embeds_what_waits(
    configured, fake, asked
):
    fake.at_once(fake.inject("unauthorized"))
    assert configured("save", "the heron nests", "by the mill").code == 0
    fake.at_once(fake.inject("none"))
    asked("UPDATE sage.embedding_queue SET due_at = now() + interval '1 hour'")
    assert configured("reembed", "--model", "heron", "--dimensions", "1024").code == 1
    assert asked(NAME) == OLD
    assert "embedded 2 memories" in configured(*MOVE).out
    assert asked(NAME) == NEW


def test_a_clock_that_was_set_back_does_not_hold_up_the_deletion(filled, asked, monkeypatch):
    assert filled(*MOVE).code == 0
    asked("UPDATE sage.active_model SET active_since = now() + interval '1 day'")
    monkeypatch.setattr("sage.service.reembedding._NOTICED_AFTER_S", 0.01)
    assert "deleted 100 vectors" in filled(*MOVE, "--drop-old").out


def test_ctrl_c_says_how_to_go_on_and_the_next_run_does(filled, held_up, fake):
    process, _ = held_up
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "run `sage reembed` again" in told.decode()
    assert model_of(filled) == OLD
    fake.at_once(fake.inject("none"))
    assert filled(*MOVE).code == 0
    assert model_of(filled) == NEW


def test_an_outage_is_shown_and_waited_out(filled, held_up, fake):
    process, said = held_up
    assert "SiliconFlow" in said
    fake.at_once(fake.inject("none"))
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"embedded 100 memories" in told
    assert model_of(filled) == NEW


@pytest.mark.usefixtures("held_up")
def test_a_second_run_says_that_another_one_is_at_work(filled):
    outcome = filled(*MOVE)
    assert outcome.code == 1
    assert "another `sage reembed` or `sage scan` is running" in outcome.err


def test_it_asks_on_a_terminal_and_takes_no_for_an_answer(filled, typing):
    typing("n\n")
    outcome = filled(*MOVE)
    assert outcome.code == 1
    assert "sends their texts to siliconflow? [y/N] nothing was changed" in outcome.err


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("manner", MANNERS)
def test_a_move_is_tidy(manner):
    argv = [sys.executable, "-m", "sage", *MOVE, "-y"]
    told = ["  sage reembed"]
    code, text = run_tidily(argv, manner, environ={"PYTHONPATH": str(INSTALLED)}, copied=told)
    assert code == 0
    assert f"sage reembed --model {NEW} --drop-old" in text

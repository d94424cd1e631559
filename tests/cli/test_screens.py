"""What programs look like on terminals of several widths, without colours, and in a pipe."""

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request

import pytest

from tests.architecture.sources import INSTALLED, ROOT
from tests.support.polling import wait_for
from tests.support.process import answers
from tests.support.screen import MANNERS, assert_tidy, run_on_screen, run_tidily

LONG = (
    "Mei likes oolong tea in the evening, when the rain falls on the roof of the old house by the"
    " mill, and she keeps the spare key under the third flower pot, as everybody in the village"
    " knows since the winter of the great snow."
)
LOCKS = ("requirements-lock.txt", "requirements-embedded-lock.txt", "requirements-build-lock.txt")
STAMP = f'echo "$PWD $(cat {" ".join(LOCKS)} pyproject.toml | cksum)" >.venv/sage-stamp'
in_every_manner = pytest.mark.parametrize("manner", MANNERS)
in_most_manners = pytest.mark.parametrize("manner", ["60 columns", "no colours", "piped"])
"""What is tidy on the narrowest of terminals is so on a wider one; `no colours` has 80 columns."""


@pytest.fixture
def surroundings(data_dir, tmp_path):
    """Return the environment of a program under test."""
    return {
        "SAGE_DATA_DIR": str(data_dir), "PYTHONPATH": str(INSTALLED), "HOME": str(tmp_path),
        "LANG": "C.UTF-8", "SAGE_TIMEZONE": "Asia/Shanghai",
    }  # fmt: skip


@pytest.fixture
def on_screen(surroundings):
    """Run a verb on a terminal; return its exit code and the screen."""

    def run(*argv, columns=80, typed="", **environ):
        argv = [sys.executable, "-m", "sage", *map(str, argv)]
        return run_on_screen(argv, columns, environ=surroundings | environ, typed=typed)

    return run


@pytest.fixture
def shown(surroundings, manner):
    """Run a verb in the manner of the test; return its exit code and its text."""

    def run(*argv, copied=(), **environ):
        argv = [sys.executable, "-m", "sage", *map(str, argv)]
        return run_tidily(argv, manner, environ=surroundings | environ, copied=copied)

    return run


@pytest.fixture
def checkout(tmp_path):
    """Make a checkout whose environment is set up: Python is the one that runs the tests."""
    place = tmp_path / "checkout"
    shutil.copytree(ROOT / "deploy/start", place / "deploy/start")
    for name in (*LOCKS, "pyproject.toml", ".env.example", "start-sage-mcp.sh"):
        shutil.copy(ROOT / name, place)
    python = place / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    path, program = shlex.quote(str(INSTALLED)), shlex.quote(sys.executable)
    python.write_text(f'#!/bin/sh\nPYTHONPATH={path} exec {program} "$@"\n')
    python.chmod(0o755)
    subprocess.run(["sh", "-c", STAMP], cwd=place, check=True)
    return place


@pytest.fixture
def talks(tmp_path):
    """Write a small set of LoCoMo: two sessions and a question of each category."""
    said = ("Oolong is my favourite tea.", "The herons nest by the mill.", "Snow fell in March.")
    turns = [
        {"speaker": "user", "dia_id": f"D1:{n}", "text": text} for n, text in enumerate(said, 1)
    ]
    asked = [
        {"question": text, "answer": "yes", "category": category, "evidence": ["D1:1", "D1:2"]}
        for category, text in enumerate(said, 1)
    ]
    talk = {
        "speaker_a": "user",
        "speaker_b": "assistant",
        "session_1_date_time": "2026-03-01T09:00:00+00:00",
        "session_1": turns,
    }
    file = tmp_path / "talks.json"
    file.write_text(json.dumps([{"sample_id": "one", "conversation": talk, "qa": asked}]))
    return file


@pytest.fixture
def chat(tmp_path):
    """Write a chat of 1,200 messages."""
    file = tmp_path / "chat.jsonl"
    lines = (json.dumps({"role": "user", "content": f"{n} {LONG}"}) for n in range(1_200))
    file.write_text("\n".join(lines))
    return file


def one_space(text):
    return " ".join(text.split())


@in_every_manner
def test_search_is_tidy(shown, kept, tmp_path):
    name = f"key-{secrets.token_hex(3)}"
    file = tmp_path / "one.json"
    file.write_text(json.dumps([{"role": "user", "content": LONG, "name": "Mei"}]))
    assert kept("save", "-f", file, "--session", name).code == 0
    code, text = shown("search", "spare key", "--session", name)
    assert code == 0
    number = r"(\d\.\d\d|    )"  # none is known before it is embedded
    assert re.search(number + r"  Mei \(user\)  \d{4}-.* \+08:00,\s+just now", text)
    assert f"session {name}" in text
    assert "spare key" in text


def test_without_colours_the_same_text_stands_there(on_screen, kept):
    name = secrets.token_hex(6)
    assert kept("save", "Where is the key?", LONG, "--session", name).code == 0
    _, coloured = on_screen("search", "key", "--session", name)
    code, plain = on_screen("search", "key", "--session", name, NO_COLOR="1")
    assert code == 0
    assert plain.text == coloured.text


@in_every_manner
def test_doctor_is_tidy(shown, free_port, manner):
    code, text = shown("doctor", MCP_SERVER_PORT=str(free_port), EMBEDDING_PROVIDER="siliconflow")
    assert code == 1
    mark = "failed" if manner == "piped" else "✗"
    assert re.search(rf"^{mark} +config ", text, re.MULTILINE)
    assert re.search(r"^ +fix: ", text, re.MULTILINE)
    assert re.search(r"^\d+ checks?, .*failed$", text, re.MULTILINE)


@in_most_manners
def test_import_is_tidy(shown, chat):
    code, text = shown("import", chat, "--session", secrets.token_hex(4), "--space", "screens")
    assert code == 0
    assert "imported 1,200 memories" in one_space(text)


def test_an_import_that_is_refused_says_so_below_no_bar(on_screen, tmp_path):
    file = tmp_path / "wrong.jsonl"
    file.write_text('{"role": "user", "content": "tea"}\nno JSON\n')
    code, screen = on_screen("import", file, "--session", "x", columns=60)
    assert code == 2
    assert_tidy(screen, copied=[str(tmp_path)[:20]])
    assert re.search("^line 2 is not JSON", screen.text, re.MULTILINE)


def test_export_asks_before_it_fills_a_terminal(on_screen):
    code, screen = on_screen("export", typed="n\n")
    assert code == 1
    assert "sage export > memories.jsonl" in screen.text
    assert "memory_id" not in screen.text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_difference_of_two_files_is_tidy(on_screen, columns):
    staging, prod = (ROOT / f"deploy/environments/{name}.env" for name in ("staging", "prod"))
    code, screen = on_screen("config", "diff", staging, prod, columns=columns)
    assert code == 0
    assert_tidy(screen)
    assert "  staging.env  staging  from line 2\n" in screen.text
    assert str(ROOT) not in screen.text


@in_most_manners
def test_a_benchmark_is_tidy(shown, talks):
    code, text = shown("bench", "quality", "--data", talks)
    assert code == 0
    assert "recall@10" in text
    assert "mean of 1 / rank" in one_space(text)


def test_a_start_is_tidy_and_says_how_to_connect(surroundings, checkout, free_port, tmp_path):
    """On the narrowest terminal and in a pipe it starts; elsewhere it runs, and this is said."""
    script, token = checkout / "start-sage-mcp.sh", "t" * 40
    environ = surroundings | {"SAGE_DATA_DIR": str(tmp_path / "data"), "SAGE_TOKEN": token}
    start = [script, "--embedded", "--detach", "--port", str(free_port)]
    narrowest, *between, piped = MANNERS
    for manners in ([piped], [narrowest, *between]):
        said = "Sage is ready"
        try:
            for manner in manners:
                code, text = run_tidily(start, manner, environ=environ, copied=["/"])
                assert code == 0, text
                assert text.count(said) == 1, text
                assert text.index(" connect ") < text.index(f"http://127.0.0.1:{free_port}/mcp")
                assert token not in text
                said = "Sage is already running"
        finally:
            stop = [script, "--embedded", "--stop"]
            subprocess.run(stop, env=os.environ | environ, check=True, capture_output=True)


def test_a_start_in_the_foreground_shows_no_log_of_requests(on_screen, free_port, tmp_path):
    data_dir = tmp_path / "data"

    def ask_and_end():
        wait_for(lambda: answers(free_port))
        with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/api/v1/stats") as answer:
            assert answer.status == 200
        os.kill(int((data_dir / "sage.pid").read_text()), signal.SIGINT)

    asking = threading.Thread(target=ask_and_end)
    asking.start()
    code, screen = on_screen("up", SAGE_DATA_DIR=str(data_dir), MCP_SERVER_PORT=str(free_port))
    asking.join()
    assert code == 0, screen.text
    assert screen.text.count("Sage is ready") == 1
    assert not re.search(r"listening|request|HTTPStatus|\[info", screen.text)

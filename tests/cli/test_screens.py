"""What verbs look like on terminals of several widths: no broken word, no bar on two lines."""

import json
import re
import secrets
import sys

import pytest

from tests.architecture.sources import INSTALLED
from tests.support.screen import run_on_screen

WIDTHS = (60, 80, 120)
FRAME = re.compile(
    r"\S [\w ,-]+…?( [━╸╺ ]+)? [\d,]+ of [\d,]+ \(\d+ %\)(, .* left)?(; .*)?|\S .* \d+ s"
)
LONG = (
    "Mei likes oolong tea in the evening, when the rain falls on the roof of the old house by the"
    " mill, and she keeps the spare key under the third flower pot, as everybody in the village"
    " knows since the winter of the great snow."
)


@pytest.fixture
def on_screen(data_dir, tmp_path):
    """Run a verb on a terminal; return its exit code and the screen."""

    def run(*argv, columns=80, typed="", **environ):
        surroundings = {
            "SAGE_DATA_DIR": str(data_dir), "PYTHONPATH": str(INSTALLED), "HOME": str(tmp_path),
            "LANG": "C.UTF-8", "SAGE_TIMEZONE": "Asia/Shanghai", **environ,
        }  # fmt: skip
        argv = [sys.executable, "-m", "sage", *map(str, argv)]
        return run_on_screen(argv, columns, environ=surroundings, typed=typed)

    return run


@pytest.fixture
def chat(tmp_path):
    """Write a chat of 3,000 messages."""
    file = tmp_path / "chat.jsonl"
    lines = (json.dumps({"role": "user", "content": f"{n} {LONG}"}) for n in range(3_000))
    file.write_text("\n".join(lines))
    return file


def assert_tidy(screen, copied=()):
    """No line is broken by the terminal but those to copy, and every frame is one whole line."""
    broken = [line for line in screen.broken if not any(word in line for word in copied)]
    assert broken == []
    frames = [frame for frame in screen.erased if frame]
    assert [frame for frame in frames if not FRAME.fullmatch(frame)] == []
    assert not re.search("[━╸╺]", screen.text)


def words_of(screen):
    return screen.text.split()


@pytest.mark.parametrize("columns", WIDTHS)
def test_search_is_tidy(on_screen, kept, columns, tmp_path):
    name = f"key-{columns}-{secrets.token_hex(3)}"
    file = tmp_path / "one.json"
    file.write_text(json.dumps([{"role": "user", "content": LONG, "name": "Mei"}]))
    assert kept("save", "-f", file, "--session", name).code == 0
    code, screen = on_screen("search", "spare key", "--session", name, columns=columns)
    assert code == 0
    assert_tidy(screen)
    text = screen.text
    assert re.search(r"\d\.\d\d  Mei \(user\)  \d{4}-.* \+08:00,\s+just now", text)
    assert f"session {name}" in text
    assert "spare key" in text
    assert screen.colours


def test_without_colours_the_same_text_stands_there(on_screen, kept):
    name = secrets.token_hex(6)
    assert kept("save", "Where is the key?", LONG, "--session", name).code == 0
    _, coloured = on_screen("search", "key", "--session", name)
    code, plain = on_screen("search", "key", "--session", name, NO_COLOR="1")
    assert code == 0
    assert not plain.colours
    assert plain.text == coloured.text


@pytest.mark.parametrize("columns", WIDTHS)
def test_doctor_is_tidy(on_screen, free_port, columns):
    code, screen = on_screen(
        "doctor", columns=columns, MCP_SERVER_PORT=str(free_port), EMBEDDING_PROVIDER="siliconflow"
    )
    assert code == 1
    assert_tidy(screen)
    assert re.search(r"^✗ config ", screen.text, re.MULTILINE)
    assert re.search(r"^ +fix: ", screen.text, re.MULTILINE)
    assert re.search(r"^\d+ checks?, .*failed$", screen.lines[-2] or screen.lines[-1])


@pytest.mark.parametrize("columns", WIDTHS)
def test_import_is_tidy(on_screen, chat, columns):
    code, screen = on_screen(
        "import", chat, "--session", secrets.token_hex(4), "--space", "screens", columns=columns
    )
    assert code == 0
    assert_tidy(screen)
    assert "imported 3,000 memories" in " ".join(words_of(screen))


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


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_help_of_a_verb_is_tidy(on_screen, columns):
    code, screen = on_screen("import", "--help", columns=columns)
    assert code == 0
    assert_tidy(screen, copied=["sage import"])


def test_a_pipe_gets_whole_lines(kept):
    name = secrets.token_hex(6)
    assert kept("save", "Where is the key?", LONG, "--session", name).code == 0
    outcome = kept("doctor")
    assert "\x1b" not in outcome.out
    assert all(
        line.startswith(("ok ", "warning ", "failed ", " "))
        for line in outcome.out.splitlines()[:-2]
    )


@pytest.mark.parametrize("columns", [60, 120])
def test_a_benchmark_is_tidy(on_screen, columns):
    code, screen = on_screen("bench", "quality", columns=columns)
    assert code == 0
    assert_tidy(screen)
    assert "recall@10" in screen.text
    assert "mean of 1 / rank" in " ".join(words_of(screen))


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_start_is_tidy_and_its_lines_can_be_copied(on_screen, free_port, tmp_path, columns):
    place = {"SAGE_DATA_DIR": str(tmp_path / "data"), "MCP_SERVER_PORT": str(free_port)}
    code, screen = on_screen("up", "--detach", columns=columns, SAGE_TOKEN="t" * 40, **place)
    on_screen("down", **place)
    assert code == 0, screen.text
    copied = ["claude mcp", "codex mcp", "export SAGE", "mcpServers", "headers", "/"]
    assert_tidy(screen, copied=copied)
    flat = screen.text.replace("\n", "")
    url = f"http://127.0.0.1:{free_port}/mcp"
    header = f"'Authorization: Bearer {'t' * 40}'"
    assert f"claude mcp add --scope user --transport http sage {url} --header {header}" in flat
    assert screen.text.count("Sage is ready") == 1

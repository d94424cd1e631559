import io
import os
import pty
import subprocess
import sys

import pytest

from sage.cli.terminal.console import Console, OutputLostError, Style, styled
from sage.phrases import phrase
from sage.telemetry.colours import wants_colours

COLOURFUL = {"TERM": "xterm-256color"}


class FullDisk(io.StringIO):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, _text):
        raise self.error


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        (COLOURFUL, True),
        ({**COLOURFUL, "NO_COLOR": ""}, True),
        ({**COLOURFUL, "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(terminal, environ, wanted):
    assert wants_colours(terminal().out, environ) is wanted
    assert not wants_colours(io.StringIO(), environ)


def test_styles_show_only_where_colours_are_wanted(terminal):
    console = terminal(colours_out=True)
    for write in (console.write, console.note):
        write("green ", ("tea", Style.GOOD))
    assert console.out.getvalue() == "green \x1b[32mtea\x1b[0m\n"
    assert console.err.getvalue() == "green tea\n"


def test_a_terminal_that_knows_no_width_is_80_columns_wide(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb"), os.fdopen(theirs, "w") as terminal:
        assert os.get_terminal_size(terminal.fileno()).columns == 0
        assert Console(terminal, terminal).width == 80


def test_a_line_breaks_between_words_and_hangs(terminal):
    console = terminal(columns=24)
    console.write("Mei likes oolong tea and rain in the evening", hang=4)
    assert console.out.getvalue().splitlines() == [
        "Mei likes oolong tea and",
        "    rain in the evening",
    ]


def test_a_word_that_is_longer_than_the_terminal_is_never_broken(terminal):
    console = terminal(columns=24)
    path = "/home/mei/very-long-folder-name/sage.log"
    console.write(f"the log is kept in {path} as before")
    assert path in console.out.getvalue().splitlines()


def test_a_command_between_backticks_stays_on_one_line(terminal):
    console = terminal(columns=40)
    console.note("the schema is old; run `sage migrate up --data-dir x` first")
    assert "`sage migrate up --data-dir x`" in console.err.getvalue().splitlines()[1]


def test_lines_of_files_and_pipes_are_as_long_as_they_are(pipe):
    line = "Mei likes oolong tea and rain " * 20
    pipe.write(line, ("in the evening", Style.BOLD))
    assert pipe.out.getvalue() == f"{line}in the evening\n"


def test_text_to_be_copied_is_written_as_it_is(terminal):
    console = terminal(columns=20)
    command = "claude mcp add --transport http sage http://127.0.0.1:17800/mcp\n"
    console.write_text(command)
    assert console.out.getvalue() == command


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8", "烏龍茶 🍵"), ("ascii", "\\u70cf\\u9f8d\\u8336 \\ud83c\\udf75")],
)
def test_json_keeps_the_characters_its_stream_can_hold(encoding, written):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    Console(stream, io.StringIO()).write_json("烏龍茶 🍵")
    stream.flush()
    assert raw.getvalue().decode(encoding) == f'"{written}"\n'


def test_characters_a_stream_cannot_hold_are_escaped(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Console.of_process({}).write("烏")
    sys.stdout.flush()
    assert raw.getvalue() == b"\\u70cf\n"


def test_a_closed_stream_swallows_what_is_written(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    process = Console.of_process({})
    process.write("lost")
    process.out.close()


@pytest.mark.parametrize(
    ("error", "left"), [(BrokenPipeError(), True), (OSError(28, "full"), False)]
)
def test_a_lost_answer_is_told_apart_from_a_reader_who_left(error, left):
    with pytest.raises(OutputLostError) as lost:
        Console(FullDisk(error), io.StringIO()).write("tea")
    assert lost.value.reader_left is left


def test_a_lost_note_fails_nothing():
    Console(io.StringIO(), FullDisk(OSError(28, "full"))).note("tea")


def test_a_file_or_a_pipe_needs_no_library(pipe, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    pipe.write("tea", hang=2)
    pipe.note("tea", ("!", Style.WARN))
    assert pipe.out.getvalue() == "tea\n"
    assert pipe.err.getvalue() == "tea!\n"


def test_logging_does_not_import_what_only_draws():
    code = "import sys, sage.telemetry.logs; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_colour_is_that_of_an_argument_wherever_it_stands_in_the_sentence():
    made = styled(phrase("{saved} {memories}", saved="saved", memories="{saved}"), saved=Style.GOOD)
    assert [one for one in made if one[0]] == [("saved", Style.GOOD), (" ", ""), ("{saved}", "")]
